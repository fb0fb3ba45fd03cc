//! Who answers as a language model, what they cost, and where they are.

use super::{base_url, reader::Reader};
use ::models::{openai::Dialect, providers};
use agents::dispatch::{CatalogueFile, PriceFile};
use secrecy::SecretString;
use std::time::Duration;
use vertex::{Location, ServiceAccount};

/// An API that is entered with a key.
#[derive(Debug, Clone)]
pub struct Api {
    /// Where it is, without a slash at the end.
    pub base: String,
    /// The key; a server of one's own may want none.
    pub key: Option<SecretString>,
}

/// How Vertex AI is entered.
#[derive(Debug, Clone)]
pub enum VertexSettings {
    /// By a service account.
    Account {
        /// The account.
        account: Box<ServiceAccount>,
        /// In which project.
        project: String,
        /// Where.
        location: Location,
    },
    /// By an express key.
    Express(SecretString),
}

/// Language models.
#[derive(Debug, Clone)]
pub struct AiSettings {
    /// The models and aliases.
    pub catalogue: CatalogueFile,
    /// What they cost.
    pub prices: PriceFile,
    /// How long answers are kept.
    pub cached: Duration,
    /// Vertex AI.
    pub vertex: Option<VertexSettings>,
    /// Where Vertex AI is, if not at Google.
    pub vertex_base: Option<String>,
    /// The Gemini Developer API.
    pub gemini: Option<Api>,
    /// Anthropic's.
    pub anthropic: Option<Api>,
    /// Those that speak as `OpenAI` does.
    pub chat: Vec<(Dialect, Api)>,
}

pub(super) fn read(reader: &mut Reader<'_>) -> Option<AiSettings> {
    let catalogue = file(reader, "AI_MODELS_FILE", CatalogueFile::shipped, CatalogueFile::parse);
    let prices = file(reader, "AI_PRICES_FILE", PriceFile::shipped, PriceFile::parse);
    let seconds = reader.number("AI_CACHE_TTL_SECONDS", 0..=86_400_u64);
    let vertex = vertex(reader);
    let vertex_base = reader.parse("GOOGLE_VERTEX_BASE_URL", base_url);
    let gemini = api(reader, ["GEMINI_API_KEY", "GOOGLE_GEMINI_BASE_URL"], providers::GeminiApi::BASE);
    let anthropic = api(reader, ["ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"], providers::AnthropicApi::BASE);
    let openai = api(reader, ["OPENAI_API_KEY", "OPENAI_BASE_URL"], providers::ChatApi::OPENAI);
    let mistral = api(reader, ["MISTRAL_API_KEY", "MISTRAL_BASE_URL"], providers::ChatApi::MISTRAL);
    let chat =
        [(Dialect::OpenAi, openai), (Dialect::Mistral, mistral), (Dialect::Compatible, compatible(reader))];
    Some(AiSettings {
        catalogue: catalogue?,
        prices: prices?,
        cached: Duration::from_secs(seconds?),
        vertex,
        vertex_base,
        gemini,
        anthropic,
        chat: chat.into_iter().filter_map(|(dialect, api)| Some((dialect, api?))).collect(),
    })
}

/// The file that a setting names, or the one that is built in.
fn file<T, E: std::fmt::Display>(
    reader: &mut Reader<'_>,
    name: &str,
    shipped: fn() -> Result<T, E>,
    parse: fn(&str) -> Result<T, E>,
) -> Option<T> {
    let own = |path: &str| {
        let text = std::fs::read_to_string(path).map_err(|e| format!("{path} can't be read: {e}"))?;
        parse(&text).map_err(|e| format!("{path}: {e}"))
    };
    if reader.given(name).is_some() {
        return reader.parse(name, own);
    }
    shipped().map_err(|e| reader.problem(name, &e.to_string())).ok()
}

fn key(text: &str) -> Result<SecretString, String> {
    let plain = text.bytes().all(|c| c.is_ascii_graphic());
    plain.then(|| SecretString::from(text)).ok_or_else(|| "has characters that no key has".to_owned())
}

fn api(reader: &mut Reader<'_>, [key_name, base_name]: [&str; 2], usual: &str) -> Option<Api> {
    let base = reader.parse(base_name, base_url).unwrap_or_else(|| usual.to_owned());
    let key = reader.parse(key_name, key)?;
    Some(Api { base, key: Some(key) })
}

fn compatible(reader: &mut Reader<'_>) -> Option<Api> {
    let key = reader.parse("AI_COMPATIBLE_API_KEY", key);
    if key.is_some() && reader.given("AI_COMPATIBLE_URL").is_none() {
        reader.problem("AI_COMPATIBLE_API_KEY", "needs AI_COMPATIBLE_URL beside it");
    }
    Some(Api { base: reader.parse("AI_COMPATIBLE_URL", base_url)?, key })
}

fn vertex(reader: &mut Reader<'_>) -> Option<VertexSettings> {
    let location = reader
        .parse("GOOGLE_CLOUD_LOCATION", |text| text.parse().map_err(|e: vertex::NotALocation| e.to_string()));
    let express = reader.parse("VERTEX_AI_API_KEY", key);
    let project = reader.parse("GOOGLE_CLOUD_PROJECT", project);
    let account = reader.parse("GOOGLE_APPLICATION_CREDENTIALS", |path| {
        let text = std::fs::read_to_string(path).map_err(|e| format!("{path} can't be read: {e}"))?;
        ServiceAccount::parse(&text).map_err(|e| format!("{path}: {e}"))
    });
    let Some(account) = account else { return express.map(VertexSettings::Express) };
    let Some(project) = project.or_else(|| account.project_id.clone()) else {
        reader.problem("GOOGLE_CLOUD_PROJECT", "must be set, as the key file names no project");
        return None;
    };
    Some(VertexSettings::Account { account: Box::new(account), project, location: location? })
}

/// It becomes part of a path.
fn project(text: &str) -> Result<String, String> {
    let is_id = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, b'-' | b':' | b'.');
    let is_right = (1..=63).contains(&text.len()) && text.bytes().all(is_id);
    is_right.then(|| text.to_owned()).ok_or_else(|| "must be a project id such as acme-prod-1".to_owned())
}
