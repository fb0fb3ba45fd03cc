//! A step on the wire: its name, and what the document says of what it asks.

use crate::http::schema::names;
use bcm::StepKey;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;
use utoipa::openapi::schema::Object;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// The name of a step; another one in a request is an `unknown_value`.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct StepName(pub(super) StepKey);

impl PartialSchema for StepName {
    fn schema() -> RefOr<Schema> {
        names(StepKey::ALL.map(StepKey::name)).into()
    }
}

impl ToSchema for StepName {
    fn name() -> Cow<'static, str> {
        "OnboardingStepName".into()
    }
}

/// What a step asks, and what was answered so far.
#[derive(ToSchema)]
#[schema(as = OnboardingStep)]
#[expect(dead_code, reason = "describes the domain's `StepView`, which knows nothing of OpenAPI")]
pub(super) struct StepBody {
    key: StepName,
    /// For the heading of a form.
    title: String,
    /// One or two sentences under it.
    help: String,
    /// The outermost JSON type of the answers: `record` is one object, `records` a list of them.
    #[schema(schema_with = shapes)]
    shape: String,
    /// Objects in the list at most; with `records` only.
    #[schema(required = false)]
    max_items: Option<u32>,
    /// Whether nothing can be finalised without it.
    needed: bool,
    /// The members of the object, or of each object.
    fields: Vec<FieldBody>,
    completed: bool,
    /// `null` before the first.
    answers: Option<Value>,
}

/// A question.
#[derive(ToSchema)]
#[schema(as = OnboardingField)]
#[expect(dead_code, reason = "describes the domain's `Field`, which knows nothing of OpenAPI")]
struct FieldBody {
    /// The member's name in the answer.
    key: String,
    /// The label of a form.
    title: String,
    /// Whether the step can't be completed without it.
    required: bool,
    /// What the answer is. `open` is an object of texts whose names the person chooses.
    #[schema(schema_with = kinds)]
    kind: String,
    /// Of a text, or of each text, in characters.
    #[schema(required = false)]
    max_length: Option<u32>,
    /// Of a list or an open object.
    #[schema(required = false)]
    max_items: Option<u32>,
    /// The lowest number.
    #[schema(required = false)]
    min: Option<i64>,
    /// The highest number.
    #[schema(required = false)]
    max: Option<i64>,
    /// What a text must be, if not just any.
    #[schema(schema_with = formats, required = false)]
    format: Option<String>,
    /// The members of a record, or of each record.
    #[schema(no_recursion, required = false)]
    fields: Option<Vec<FieldBody>>,
}

fn shapes() -> Object {
    names(["record", "records"])
}

fn kinds() -> Object {
    names(["text", "text_list", "integer", "record", "record_list", "open"])
}

fn formats() -> Object {
    names(["url", "time_zone"])
}
