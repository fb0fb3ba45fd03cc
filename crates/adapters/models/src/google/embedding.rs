use crate::status::{miscounted, unreadable};
use agents::dispatch::{Embeddings, ModelFailure, Usage};
use serde::Deserialize;
use serde_json::{Value, json};

/// The body of `:predict`, for the older models of vectors on Vertex AI.
#[must_use]
pub fn predict_body(texts: &[String]) -> Value {
    let instances: Value = texts.iter().map(|text| json!({"content": text})).collect();
    json!({"instances": instances, "parameters": {"autoTruncate": false}})
}

/// The body of `:embedContent`, for one text on Vertex AI.
#[must_use]
pub fn embedding_body(text: &str) -> Value {
    json!({"content": content(text), "embedContentConfig": {"autoTruncate": false}})
}

/// The body of `:batchEmbedContents`.
#[must_use]
pub fn batch_embedding_body(name: &str, texts: &[String]) -> Value {
    let model = format!("models/{name}");
    let requests: Value =
        texts.iter().map(|text| json!({"model": model, "content": content(text)})).collect();
    json!({"requests": requests})
}

fn content(text: &str) -> Value {
    json!({"parts": [{"text": text}]})
}

/// The three shapes of an answer: one vector, several, and predictions.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Answer {
    embedding: Option<Vector>,
    embeddings: Vec<Vector>,
    predictions: Vec<Prediction>,
    usage_metadata: Option<Spent>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Vector {
    values: Vec<f32>,
    statistics: Statistics,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Statistics {
    token_count: Option<f64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Prediction {
    embeddings: Vector,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Spent {
    prompt_token_count: u64,
}

/// Reads the vectors of so many texts, in whichever of the three shapes they come.
///
/// # Errors
/// What can't be read, or is not one vector a text.
pub fn embeddings(body: &[u8], texts: usize) -> Result<Embeddings, ModelFailure> {
    let answer: Answer = serde_json::from_slice(body).map_err(|e| unreadable(&e))?;
    let predicted = answer.predictions.into_iter().map(|prediction| prediction.embeddings);
    let all: Vec<Vector> = answer.embedding.into_iter().chain(answer.embeddings).chain(predicted).collect();
    let counted: Option<f64> = all.iter().map(|vector| vector.statistics.token_count).sum();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a cast of a float stops at the bounds"
    )]
    let counted = counted.filter(|count| *count > 0.0).map(|count| count as u64);
    let fresh =
        answer.usage_metadata.map(|spent| spent.prompt_token_count).filter(|count| *count > 0).or(counted);
    let vectors: Vec<Vec<f32>> = all.into_iter().map(|vector| vector.values).collect();
    if vectors.len() != texts || vectors.iter().any(Vec::is_empty) {
        return Err(miscounted(vectors.len(), texts));
    }
    Ok(Embeddings { vectors, usage: fresh.map(|fresh| Usage { fresh, ..Usage::NONE }) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_are_read_in_each_of_the_three_shapes() {
        let read = |answer: Value, texts| embeddings(answer.to_string().as_bytes(), texts);
        let one = json!({"embedding": {"values": [0.5, 1.0]}, "usageMetadata": {"promptTokenCount": 3}, "truncated": false});
        let one = read(one, 1).unwrap();
        assert_eq!((one.vectors, one.usage.map(|usage| usage.fresh)), (vec![vec![0.5, 1.0]], Some(3)));
        let several = read(json!({"embeddings": [{"values": [1.0]}, {"values": [2.0]}]}), 2).unwrap();
        assert_eq!((several.vectors, several.usage), (vec![vec![1.0], vec![2.0]], None));
        let vector = |value: f64| json!({"embeddings": {"values": [value], "statistics": {"truncated": false, "token_count": 4.0}}});
        let predicted = read(json!({"predictions": [vector(1.0), vector(2.0)]}), 2).unwrap();
        assert_eq!((predicted.vectors.len(), predicted.usage.map(|usage| usage.fresh)), (2, Some(8)));
    }

    #[test]
    fn a_vector_that_is_missing_or_empty_is_a_failure() {
        for (answer, texts) in [
            ("{}", 1),
            ("{\"embeddings\":[{\"values\":[1]}]}", 2),
            ("{\"embedding\":{\"values\":[]}}", 1),
            ("no", 1),
        ] {
            assert!(embeddings(answer.as_bytes(), texts).is_err(), "{answer}");
        }
    }
}
