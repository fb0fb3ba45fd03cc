//! Where Redis is.

use super::reader::Reader;
use redis_adapter::{Options, Redis};
use reqwest::Url;
use secrecy::SecretString;

/// How Redis is reached; `None` without one.
pub(super) fn read(reader: &mut Reader<'_>) -> Option<Options> {
    let token = reader.given("UPSTASH_REDIS_TOKEN").map(ToOwned::to_owned);
    let connections = reader.number("REDIS_POOL_SIZE", 1..=1000_usize)?;
    let options = reader.parse("REDIS_URL", |text| {
        let url = with_password(text, token.as_deref())?;
        let options = Options { url, connections, namespace: "raptorflow".to_owned() };
        Redis::new(&options).map(|_| options).map_err(|error| error.to_string())
    });
    if token.is_some() && options.is_none() {
        reader.problem("UPSTASH_REDIS_TOKEN", "is the password of REDIS_URL, which is not set");
    }
    options
}

/// The URL; with the token as its password when it has none. Upstash shows both apart.
fn with_password(text: &str, token: Option<&str>) -> Result<SecretString, String> {
    let unusable = || "must be redis://host:port or rediss://host:port".to_owned();
    let mut url = Url::parse(text).map_err(|_| unusable())?;
    if let (Some(token), None) = (token, url.password()) {
        if url.username().is_empty() {
            url.set_username("default").map_err(|()| unusable())?;
        }
        url.set_password(Some(token)).map_err(|()| unusable())?;
    }
    Ok(url.to_string().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn a_token_is_the_password_of_a_url_that_has_none() {
        let url = |text, token| with_password(text, token).map(|url| url.expose_secret().to_owned());
        let at_upstash = url("rediss://eu1.upstash.example:6379", Some("t/k"));
        assert_eq!(at_upstash.unwrap(), "rediss://default:t%2Fk@eu1.upstash.example:6379");
        assert_eq!(url("redis://u:p@h:1/2", Some("t")).unwrap(), "redis://u:p@h:1/2");
        assert_eq!(url("redis://h", None).unwrap(), "redis://h");
        assert!(url("just words", None).is_err());
    }
}
