//! Who answers as a language model, what they cost, and where they are.

use super::{base_url, keys::api_key, reader::Reader};
use ::models::providers;
use agents::dispatch::{CatalogueFile, PriceFile, Provider};
use secrecy::SecretString;
use std::time::Duration;
use vertex::{Location, ServiceAccount};

/// An API that is entered with a key.
#[derive(Debug, Clone)]
pub struct Api {
    /// Where it is, without a slash at the end.
    pub base: String,
    /// The key of the installation; a server of one's own may want none, the others are not asked without one.
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
    /// Whether traces say what is asked and answered.
    pub shows_content: bool,
    /// Vertex AI.
    pub vertex: Option<VertexSettings>,
    /// Where Vertex AI is, if not at Google.
    pub vertex_base: Option<String>,
    /// The Gemini Developer API.
    pub gemini: Api,
    /// Anthropic's.
    pub anthropic: Api,
    /// `OpenAI`'s.
    pub openai: Api,
    /// Mistral's.
    pub mistral: Api,
    /// A server of one's own that speaks as `OpenAI`'s does.
    pub compatible: Option<Api>,
}

impl AiSettings {
    /// Who can be asked for models with the installation's own keys.
    #[must_use]
    pub fn providers(&self) -> Vec<Provider> {
        let configured = [
            (Provider::Vertex, self.vertex.is_some()),
            (Provider::Gemini, self.gemini.key.is_some()),
            (Provider::Anthropic, self.anthropic.key.is_some()),
            (Provider::OpenAi, self.openai.key.is_some()),
            (Provider::Mistral, self.mistral.key.is_some()),
            (Provider::Compatible, self.compatible.is_some()),
        ];
        configured.into_iter().filter_map(|(provider, is_there)| is_there.then_some(provider)).collect()
    }
}

pub(super) fn read(reader: &mut Reader<'_>) -> Option<AiSettings> {
    let catalogue = file(reader, "AI_MODELS_FILE", CatalogueFile::shipped, CatalogueFile::parse);
    let prices = file(reader, "AI_PRICES_FILE", PriceFile::shipped, PriceFile::parse);
    let seconds = reader.number("AI_CACHE_TTL_SECONDS", 0..=86_400_u64);
    let shows_content = reader.flag("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT");
    let vertex = vertex(reader);
    let vertex_base = reader.parse("GOOGLE_VERTEX_BASE_URL", base_url);
    let gemini = api(reader, ["GEMINI_API_KEY", "GOOGLE_GEMINI_BASE_URL"], providers::GeminiApi::BASE);
    let anthropic = api(reader, ["ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"], providers::AnthropicApi::BASE);
    let openai = api(reader, ["OPENAI_API_KEY", "OPENAI_BASE_URL"], providers::ChatApi::OPENAI);
    let mistral = api(reader, ["MISTRAL_API_KEY", "MISTRAL_BASE_URL"], providers::ChatApi::MISTRAL);
    let compatible = compatible(reader);
    Some(AiSettings {
        catalogue: catalogue?,
        prices: prices?,
        cached: Duration::from_secs(seconds?),
        shows_content: shows_content?,
        vertex,
        vertex_base,
        gemini,
        anthropic,
        openai,
        mistral,
        compatible,
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

fn api(reader: &mut Reader<'_>, [key_name, base_name]: [&str; 2], usual: &str) -> Api {
    let base = reader.parse(base_name, base_url).unwrap_or_else(|| usual.to_owned());
    Api { base, key: reader.parse(key_name, api_key) }
}

fn compatible(reader: &mut Reader<'_>) -> Option<Api> {
    let key = reader.parse("AI_COMPATIBLE_API_KEY", api_key);
    if key.is_some() && reader.given("AI_COMPATIBLE_URL").is_none() {
        reader.problem("AI_COMPATIBLE_API_KEY", "needs AI_COMPATIBLE_URL beside it");
    }
    Some(Api { base: reader.parse("AI_COMPATIBLE_URL", base_url)?, key })
}

fn vertex(reader: &mut Reader<'_>) -> Option<VertexSettings> {
    let location = reader
        .parse("GOOGLE_CLOUD_LOCATION", |text| text.parse().map_err(|e: vertex::NotALocation| e.to_string()));
    let express = reader.parse("VERTEX_AI_API_KEY", api_key);
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

#[cfg(test)]
mod tests {
    use super::super::{Config, Values};

    fn parse(pairs: &[(&str, &str)]) -> Result<Config, String> {
        let values = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Config::parse(&values.collect::<Values>()).map_err(|problems| problems.to_string())
    }

    #[test]
    fn a_key_configures_its_provider_and_no_other() {
        let none = parse(&[]).unwrap().ai;
        assert!(none.vertex.is_none() && none.compatible.is_none());
        for api in [&none.gemini, &none.anthropic, &none.openai, &none.mistral] {
            assert!(api.key.is_none(), "{api:?}");
        }
        let ai = parse(&[("VERTEX_AI_API_KEY", "express"), ("OPENAI_API_KEY", "sk-1")]).unwrap().ai;
        assert!(ai.vertex.is_some() && ai.gemini.key.is_none() && ai.openai.key.is_some());
        assert_eq!(ai.openai.base, "https://api.openai.com/v1");
        assert!(!format!("{ai:?}").contains("sk-1"), "keys are never printed");
    }

    #[test]
    fn what_can_not_be_used_is_named() {
        for (name, value) in [
            ("AI_MODELS_FILE", "/nowhere.toml"),
            ("AI_PRICES_FILE", "/nowhere.toml"),
            ("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere.json"),
            ("GOOGLE_CLOUD_LOCATION", "evil.example/"),
            ("GOOGLE_CLOUD_PROJECT", "../other"),
            ("OPENAI_API_KEY", "two words"),
            ("OPENAI_BASE_URL", "ftp://example.com"),
            ("AI_COMPATIBLE_API_KEY", "alone"),
            ("AI_CACHE_TTL_SECONDS", "86401"),
        ] {
            let problems = parse(&[(name, value)]).unwrap_err();
            assert!(problems.contains(&format!("{name}: ")), "{problems}");
        }
    }

    #[test]
    fn a_project_without_an_account_is_warned_about() {
        let warnings = parse(&[("VERTEX_AI_PROJECT_ID", "acme-1")]).unwrap().warnings;
        assert!(
            warnings.iter().any(|warning| warning.starts_with("GOOGLE_CLOUD_PROJECT has no effect")),
            "{warnings:?}"
        );
    }
}
