//! The OpenAPI document, from the handlers; and the table of routes, from the document.
//!
//! A handler says what is its own: summary, success, body, and four extensions. What follows from those is added here:
//! security and the roles' workspace header from `x-access`, ids of the path, the problem that any operation may
//! answer.

use super::credentials::KEY_HEADER;
use super::problem::{FieldProblem, MEDIA_TYPE, ProblemBody};
use super::routes::{Routes, operations};
use super::tenant;
use actix_web::App;
use actix_web::http::{Method, StatusCode};
use kernel::{Area as Permitted, KeyScope, Verb};
use serde_json::Value;
use std::fmt::Write;
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{Components, Content, InfoBuilder, OpenApi, Ref, RefOr, Required, ResponseBuilder};
use utoipa::{PartialSchema, ToSchema};
use utoipa_actix_web::AppExt;

/// Who may call an operation: the values of `x-access`, the most open first.
pub const ACCESS: [&str; 7] = ["public", "user", "member", "admin", "owner", "platform_admin", "operator"];

/// Adds an area's routes.
pub type Area = fn(&mut Routes<'_, '_>);

/// The document of an area.
///
/// # Errors
/// When two handlers have one route, or one does not say who may call it: both are mistakes of the code.
pub fn document(area: Area) -> anyhow::Result<OpenApi> {
    let mut mistakes = Vec::new();
    let app = App::new().into_utoipa_app().configure(|config| {
        let mut routes = Routes::new(config);
        area(&mut routes);
        mistakes.extend(routes.duplicates().iter().map(|route| format!("{route} has two handlers")));
    });
    let (_, mut document) = app.split_for_parts();
    describe(&mut document);
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations_mut(item) {
            let access =
                extension(operation, "x-access").and_then(|value| value.as_str().map(ToOwned::to_owned));
            match access.filter(|access| ACCESS.contains(&access.as_str())) {
                Some(access) => {
                    accept_keys(&method, operation, &access);
                    complete(path, operation, &access);
                }
                None => mistakes.push(format!("{path}: an operation has no x-access")),
            }
        }
    }
    anyhow::ensure!(mistakes.is_empty(), "the routes have mistakes: {}", mistakes.join("; "));
    Ok(document)
}

fn describe(document: &mut OpenApi) {
    document.info = InfoBuilder::new()
        .title("RaptorFlow")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(include_str!("openapi.md")))
        .license(Some(utoipa::openapi::License::new("Apache-2.0")))
        .build();
    let components = document.components.get_or_insert_with(Components::new);
    components.schemas.insert("Problem".to_owned(), ProblemBody::schema());
    components.schemas.insert(FieldProblem::name().into_owned(), FieldProblem::schema());
    let bearer = Http::builder().scheme(HttpAuthScheme::Bearer).bearer_format("JWT");
    let bearer = bearer.description(Some("The access token that a login answers.")).build();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    let operator = Http::builder().scheme(HttpAuthScheme::Bearer);
    let operator = operator.description(Some("The server's `OPERATOR_TOKEN`; not asked for in development."));
    components.add_security_scheme("operator", SecurityScheme::Http(operator.build()));
    let key = ApiKeyValue::with_description(
        KEY_HEADER,
        "A program's key, made by an admin of its workspace; `Authorization: Bearer` takes it, too. It needs the scope that \
         `x-scope` names.",
    );
    components.add_security_scheme("api_key", SecurityScheme::ApiKey(ApiKey::Header(key)));
}

/// Says what an API key needs for the operation, where it can call it: it acts in a workspace, as an admin at most.
fn accept_keys(method: &Method, operation: &mut Operation, access: &str) {
    let tag = operation.tags.iter().flatten().next();
    let Some(area) = tag.and_then(|tag| Permitted::from_name(tag)) else { return };
    // Onboarding is any person's to do, in a workspace of theirs.
    let in_workspace =
        matches!(access, "member" | "admin") || (access, area) == ("user", Permitted::Onboarding);
    if !in_workspace || !area.is_open_to_keys() {
        return;
    }
    let verb = if *method == Method::GET { Verb::Read } else { Verb::Write };
    let scope = KeyScope { area, verb }.to_string();
    let extension = ExtensionsBuilder::new().add("x-scope", scope).build();
    operation.extensions.get_or_insert_default().merge(extension);
}

fn complete(path: &str, operation: &mut Operation, access: &str) {
    for name in path.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
        add_parameter(operation, path_parameter(name));
    }
    if access == "operator" {
        operation.security = Some(vec![SecurityRequirement::new("operator", Vec::<String>::new())]);
    } else if access != "public" {
        let none = Vec::<String>::new;
        let by_key = extension(operation, "x-scope").map(|_| SecurityRequirement::new("api_key", none()));
        let by_token = SecurityRequirement::new("bearer", none());
        operation.security = Some(std::iter::once(by_token).chain(by_key).collect());
    }
    let in_workspace = matches!(access, "member" | "admin" | "owner");
    if in_workspace && !path.contains("{workspace_id}") {
        let text = "The workspace; your first one when neither this nor `?workspace_id=` is sent.";
        add_parameter(operation, uuid_parameter(tenant::HEADER, ParameterIn::Header, Required::False, text));
    }
    for (status, response) in &mut operation.responses.responses {
        let status = status.parse().ok().and_then(|status| StatusCode::from_u16(status).ok());
        if let (RefOr::T(response), Some(reason)) = (response, status.and_then(|s| s.canonical_reason()))
            && response.description.is_empty()
        {
            response.description = reason.to_owned();
        }
    }
    let problem = Content::new(Some(Ref::from_schema_name("Problem")));
    let response = ResponseBuilder::new().description("A problem.").content(MEDIA_TYPE, problem).build();
    operation.responses.responses.insert("default".to_owned(), RefOr::T(response));
}

fn add_parameter(operation: &mut Operation, parameter: Parameter) {
    let parameters = operation.parameters.get_or_insert_with(Vec::new);
    let known = parameters.iter().any(|p| matches!(p, RefOr::T(p) if p.name == parameter.name));
    if !known {
        parameters.push(RefOr::T(parameter));
    }
}

fn path_parameter(name: &str) -> Parameter {
    if name.ends_with("_id") {
        return uuid_parameter(name, ParameterIn::Path, Required::True, "");
    }
    let schema = ObjectBuilder::new().schema_type(Type::String);
    ParameterBuilder::new().name(name).parameter_in(ParameterIn::Path).schema(Some(schema)).build()
}

fn uuid_parameter(name: &str, place: ParameterIn, required: Required, text: &str) -> Parameter {
    let format = SchemaFormat::KnownFormat(KnownFormat::Uuid);
    let schema = ObjectBuilder::new().schema_type(Type::String).format(Some(format));
    let parameter =
        ParameterBuilder::new().name(name).parameter_in(place).required(required).schema(Some(schema));
    parameter.description((!text.is_empty()).then_some(text)).build()
}

fn operations_mut(item: &mut PathItem) -> impl Iterator<Item = (Method, &mut Operation)> {
    let all = [
        (Method::GET, &mut item.get),
        (Method::POST, &mut item.post),
        (Method::PUT, &mut item.put),
        (Method::PATCH, &mut item.patch),
        (Method::DELETE, &mut item.delete),
    ];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

pub(super) fn extension<'o>(operation: &'o Operation, name: &str) -> Option<&'o Value> {
    operation.extensions.as_ref()?.get(name)
}

/// The document as JSON, the same one every time: extensions come out of a hash map, a JSON object is in order.
///
/// # Errors
/// When the document can't be written.
pub fn json(document: &OpenApi) -> anyhow::Result<Value> {
    Ok(serde_json::to_value(document)?)
}

/// `docs/routes.md`.
#[must_use]
pub fn routes_markdown(document: &OpenApi) -> String {
    let mut text = "# Routes

Generated by `raptorflow routes` from the code; `make generated` writes it. `who` is the lowest role that may call, `scope`
what an API key needs.

| method | path | operation | who | scope | reads | writes | calls |
| --- | --- | --- | --- | --- | --- | --- | --- |
"
    .to_owned();
    for (path, item) in &document.paths.paths {
        for (method, operation) in operations(item) {
            let list = |name| match extension(operation, name) {
                Some(Value::Array(items)) => {
                    items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
                }
                Some(Value::String(one)) => one.clone(),
                _ => String::new(),
            };
            // Writing to a string does not fail.
            let _ = writeln!(
                text,
                "| {method} | `{path}` | {} | {} | {} | {} | {} | {} |",
                operation.operation_id.as_deref().unwrap_or_default(),
                list("x-access"),
                list("x-scope"),
                list("x-reads"),
                list("x-writes"),
                list("x-calls"),
            );
        }
    }
    text
}
