//! Query parameters: each documented, none repeated, none unknown; all that is wrong is told at once.

use super::asking::{Reading, reading};
use super::codes;
use super::contract::{Contract, MOST};
use super::problem::{Problem, one_field};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use kernel::FieldError;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::openapi::schema::{SchemaType, Type};
use utoipa::openapi::{RefOr, Required, Schema};

/// The query of a request, as a type that derives `Deserialize` and `IntoParams` (with
/// `#[into_params(parameter_in = Query)]`). Enumerations are declared `#[param(inline)]`.
///
/// `workspace_id` is every tenant route's and need not be declared; where it is, it is a parameter like any other.
#[derive(Debug)]
pub struct Query<T>(pub T);

/// No parameters.
#[derive(Debug, Clone, Copy, Default, serde::Deserialize, IntoParams)]
pub struct NoFilter {}

impl<T: DeserializeOwned + IntoParams + 'static> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Reading<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        reading(request, pairs::<T>(request).and_then(|pairs| read(&pairs)).map(Self))
    }
}

/// Names and values of the query, but for the workspace's where `T` does not document it.
pub(super) fn pairs<T: IntoParams>(request: &HttpRequest) -> Result<Vec<(String, String)>, Problem> {
    let is_own = T::into_params(|| Some(ParameterIn::Query)).iter().any(|p| p.name == "workspace_id");
    let pairs = web::Query::<Vec<(String, String)>>::from_query(request.query_string());
    let pairs = pairs.map_err(|_| Problem::new(&codes::INVALID_QUERY))?.into_inner();
    Ok(pairs.into_iter().filter(|(name, _)| is_own || name != "workspace_id").collect())
}

/// Reads the pairs into `T`, by the parameters that it documents.
pub(super) fn read<T: DeserializeOwned + IntoParams>(pairs: &[(String, String)]) -> Result<T, Problem> {
    let parameters = T::into_params(|| Some(ParameterIn::Query));
    let mut errors: Vec<FieldError> = Vec::new();
    let mut values = Map::new();
    for (name, text) in pairs {
        if errors.len() >= MOST {
            return Err(Problem::fields(&codes::INVALID_QUERY, errors));
        }
        match parameters.iter().find(|parameter| parameter.name == *name) {
            None => errors.extend(one_field(&shown(name), "unknown_field", "is no parameter of this route")),
            Some(_) if values.contains_key(name) => {
                errors.extend(one_field(name, "repeated", "was given more than once"));
            }
            Some(parameter) => {
                let value = typed(parameter, text);
                if let Some(schema) = parameter.schema.clone() {
                    errors.extend(Contract::of_schema(schema).broken_by(&value, name));
                }
                values.insert(name.clone(), value);
            }
        }
    }
    for parameter in
        parameters.iter().filter(|p| p.required == Required::True && !values.contains_key(&p.name))
    {
        errors.extend(one_field(&parameter.name, "required", "is missing"));
    }
    if !errors.is_empty() {
        return Err(Problem::fields(&codes::INVALID_QUERY, errors));
    }
    serde_path_to_error::deserialize(Value::Object(values)).map_err(|error| {
        let name = error.path().to_string();
        Problem::fields(
            &codes::INVALID_QUERY,
            one_field(&name, "invalid_format", "has not the form documented"),
        )
    })
}

/// The text as the JSON type that the parameter documents; as text when it is not of that type, so that the contract
/// tells it.
fn typed(parameter: &Parameter, text: &str) -> Value {
    let wants = |wanted: Type| match &parameter.schema {
        Some(RefOr::T(Schema::Object(object))) => match &object.schema_type {
            SchemaType::Type(one) => *one == wanted,
            SchemaType::Array(several) => several.contains(&wanted),
            SchemaType::AnyValue => false,
        },
        _ => false,
    };
    let number = wants(Type::Integer) || wants(Type::Number);
    let parsed = match text {
        "true" | "false" if wants(Type::Boolean) => Some(Value::Bool(text == "true")),
        _ if number => serde_json::from_str(text).ok().filter(Value::is_number),
        _ => None,
    };
    parsed.unwrap_or_else(|| text.into())
}

fn shown(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, serde::Deserialize, utoipa::ToSchema)]
    #[serde(rename_all = "snake_case")]
    enum State {
        Draft,
        Active,
    }

    #[derive(Debug, PartialEq, serde::Deserialize, IntoParams)]
    #[into_params(parameter_in = Query)]
    struct Filter {
        #[param(inline)]
        state: Option<State>,
        #[param(maximum = 9)]
        depth: Option<u32>,
        open: Option<bool>,
        #[param(max_length = 3)]
        q: String,
    }

    fn query(text: &str) -> Result<Filter, Problem> {
        read(&web::Query::<Vec<(String, String)>>::from_query(text).unwrap().into_inner())
    }

    #[test]
    fn parameters_are_read_by_their_documented_types() {
        let filter = query("state=active&depth=4&open=true&q=12").unwrap();
        assert_eq!(
            filter,
            Filter { state: Some(State::Active), depth: Some(4), open: Some(true), q: "12".into() }
        );
        assert_eq!(query("q=x").unwrap(), Filter { state: None, depth: None, open: None, q: "x".into() });
    }

    #[actix_web::test]
    async fn everything_wrong_is_told_at_once() {
        let problem = query("state=lost&depth=ten&open=1&extra=1&depth=2").unwrap_err();
        let body = actix_web::body::to_bytes(problem.render("c", "/").into_body()).await.unwrap();
        let body: Value = serde_json::from_slice(&body).unwrap();
        let found: Vec<_> =
            body["errors"].as_array().unwrap().iter().map(|e| (&e["pointer"], &e["code"])).collect();
        assert_eq!(body["code"], "invalid_query");
        let text = format!("{found:?}");
        for (name, code) in [
            ("state", "unknown_value"),
            ("depth", "wrong_type"),
            ("open", "wrong_type"),
            ("extra", "unknown_field"),
            ("depth", "repeated"),
            ("q", "required"),
        ] {
            assert!(found.iter().any(|(n, c)| *n == name && *c == code), "{name} {code} in {text}");
        }
        assert_eq!(found.len(), 6, "{text}");
    }
}
