//! Embeddings, in Google's three shapes.

use super::{
    checks::{field, list},
    errors,
    path::Place,
};
use crate::{
    Tokens, embedding,
    reply::{Call, Said, Whole},
    turn::Refusal,
};
use serde_json::{Value, json};

pub(super) fn call(place: &Place, body: &Value) -> Result<Box<dyn Call>, Refusal> {
    let answer = match place.method.as_str() {
        "predict" => predictions(body),
        "embedContent" => one(place, body),
        _ => several(place, body),
    };
    Ok(Box::new(Embeds { answer: answer? }))
}

fn invalid(message: &str) -> Refusal {
    Refusal::new(400, message)
}

/// `predict`: instances with a content each.
fn predictions(body: &Value) -> Result<Value, Refusal> {
    let instances = list(&body["instances"]);
    if instances.is_empty() {
        return Err(invalid("The list of instances is empty."));
    }
    let dimensions = dimensions(&body["parameters"]);
    let mut characters = 0;
    let mut predictions = Vec::new();
    for instance in instances {
        let text = instance["content"].as_str().ok_or_else(|| invalid("An instance needs a content."))?;
        characters += text.chars().filter(|letter| !letter.is_whitespace()).count();
        predictions.push(json!({"embeddings": {
            "values": embedding::vector(text, dimensions),
            "statistics": {"truncated": false, "token_count": Tokens::of_text(text)},
        }}));
    }
    Ok(json!({"predictions": predictions, "metadata": {"billableCharacterCount": characters}}))
}

fn one(place: &Place, body: &Value) -> Result<Value, Refusal> {
    let text = content(body)?;
    let config = field(body, "embedContentConfig");
    let dimensions = dimensions(if config.is_null() { body } else { config });
    let mut answer = json!({"embedding": {"values": embedding::vector(&text, dimensions)}});
    if place.is_vertex {
        let tokens = Tokens::of_text(&text);
        answer["usageMetadata"] = json!({"promptTokenCount": tokens, "totalTokenCount": tokens});
        answer["truncated"] = json!(false);
    }
    Ok(answer)
}

fn several(place: &Place, body: &Value) -> Result<Value, Refusal> {
    let requests = list(&body["requests"]);
    if requests.is_empty() {
        return Err(invalid("The list of requests is empty."));
    }
    let mut embeddings = Vec::new();
    for request in requests {
        let is_named = request["model"].as_str().is_some_and(|model| model.starts_with("models/"));
        if !place.is_vertex && !is_named {
            return Err(invalid("model is required in every request, as models/{model}."));
        }
        let config = field(request, "embedContentConfig");
        let dimensions = dimensions(if config.is_null() { request } else { config });
        embeddings.push(json!({"values": embedding::vector(&content(request)?, dimensions)}));
    }
    Ok(json!({"embeddings": embeddings}))
}

fn content(value: &Value) -> Result<String, Refusal> {
    let parts = list(&value["content"]["parts"]);
    let text: String = parts.iter().filter_map(|part| part["text"].as_str()).collect();
    if text.is_empty() { Err(invalid("content is required.")) } else { Ok(text) }
}

fn dimensions(settings: &Value) -> usize {
    let asked = field(settings, "outputDimensionality").as_u64();
    asked.and_then(|asked| usize::try_from(asked).ok()).unwrap_or(embedding::DIMENSIONS)
}

#[derive(Debug)]
struct Embeds {
    answer: Value,
}

impl Call for Embeds {
    fn refusal(&self, refusal: &Refusal) -> Whole {
        errors::refusal(refusal, false)
    }

    fn whole(&self, _: &Said<'_>) -> Value {
        self.answer.clone()
    }

    fn breaks(&self) -> Refusal {
        Refusal::of_status(503)
    }
}
