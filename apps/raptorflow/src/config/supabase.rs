//! The Supabase project whose tokens are accepted beside our own.

use super::{database::is_this_machine, reader::Reader};
use reqwest::Url;
use secrecy::SecretString;

/// A Supabase project.
#[derive(Debug, Clone)]
pub struct SupabaseSettings {
    /// Where it is, without a slash at the end.
    pub url: String,
    /// Its secret, when it signs with one.
    pub secret: Option<SecretString>,
}

pub(super) fn read(reader: &mut Reader<'_>) -> Option<SupabaseSettings> {
    let plaintext = reader.flag("ALLOW_PLAINTEXT_NETWORK")?;
    let url = reader.parse("SUPABASE_URL", |text| project(text, plaintext));
    let secret = reader.parse("SUPABASE_JWT_SECRET", |text| match text.len() {
        // RFC 7518, 3.2.
        0..32 => Err("is shorter than 32 bytes".to_owned()),
        _ => Ok(SecretString::from(text)),
    });
    if secret.is_some() && reader.given("SUPABASE_URL").is_none() {
        reader.problem(
            "SUPABASE_JWT_SECRET",
            "needs SUPABASE_URL beside it, which tokens name as their issuer",
        );
    }
    Some(SupabaseSettings { url: url?, secret })
}

/// Keys that came in plain words could be anybody's, in development, too.
fn project(text: &str, plaintext: bool) -> Result<String, String> {
    let url = Url::parse(text).map_err(|_| "is not a readable URL".to_owned())?;
    let plain = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
    if !matches!(url.scheme(), "http" | "https") || !plain || !url.username().is_empty() {
        return Err("must be a URL such as https://project.supabase.co, without anything behind".to_owned());
    }
    if url.scheme() == "http" && !is_this_machine(&url) && !plaintext {
        return Err("would be unencrypted; use https, or ALLOW_PLAINTEXT_NETWORK=true".to_owned());
    }
    Ok(text.trim_end_matches('/').to_owned())
}
