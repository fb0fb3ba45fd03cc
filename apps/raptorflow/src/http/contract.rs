//! Holds a JSON value against the OpenAPI schema of the type it is read into, and tells everything that is wrong.
//!
//! A request type derives `Deserialize` and `ToSchema`; so what is documented is what is enforced, and a handler's
//! author writes neither twice. Lengths and bounds (`#[schema(max_length = 80)]`) are checked here too, and when they
//! fail, by a field's `format` what its domain says of it alone ([`rules`](super::rules)), so that all wrong fields are in
//! one answer. Rules between fields, and what the clock or a store decides, stay in the use case. `serde` has the last word.

use super::rules;
use kernel::{FieldError, FieldErrors, Violation};
use serde_json::{Map, Value};
use std::any::TypeId;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use utoipa::openapi::schema::{
    AdditionalProperties, ArrayItems, KnownFormat, Object, SchemaFormat, SchemaType, Type,
};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{Number, ToSchema};

/// No more wrong fields than these are told at once.
pub(super) const MOST: usize = 100;

/// The schema of a type with all it refers to.
pub(super) struct Contract {
    root: RefOr<Schema>,
    components: HashMap<String, RefOr<Schema>>,
}

thread_local! {
    static KNOWN: RefCell<HashMap<TypeId, Rc<Contract>>> = RefCell::default();
}

impl Contract {
    /// The contract of `T`; made once per thread.
    #[must_use]
    pub(super) fn of<T: ToSchema + 'static>() -> Rc<Self> {
        let known = KNOWN.with_borrow(|known| known.get(&TypeId::of::<T>()).map(Rc::clone));
        known.unwrap_or_else(|| {
            let mut components = Vec::new();
            T::schemas(&mut components);
            let made = Rc::new(Self { root: T::schema(), components: components.into_iter().collect() });
            KNOWN.with_borrow_mut(|known| known.insert(TypeId::of::<T>(), Rc::clone(&made)));
            made
        })
    }

    /// The contract of a single schema without references.
    #[must_use]
    pub(super) fn of_schema(root: RefOr<Schema>) -> Self {
        Self { root, components: HashMap::new() }
    }

    /// Everything in which the value breaks the contract, in order of the places, each once.
    #[must_use]
    pub(super) fn broken_by(&self, value: &Value, pointer: &str) -> Vec<FieldError> {
        let mut check = Check { contract: self, errors: Vec::new(), judged: Vec::new() };
        check.nul(value, pointer);
        check.value(&self.root, value, pointer);
        // A body of the right form goes to the use case, which judges with more at hand.
        if !check.errors.is_empty() {
            check.errors.append(&mut check.judged);
            check.errors.sort_by(|one, other| one.pointer.cmp(&other.pointer));
        }
        let mut told = HashSet::new();
        check.errors.retain(|error| told.insert(error.pointer.clone()));
        check.errors.truncate(MOST);
        check.errors
    }

    fn resolve<'a>(&'a self, schema: &'a RefOr<Schema>) -> Option<&'a Schema> {
        match schema {
            RefOr::T(schema) => Some(schema),
            RefOr::Ref(reference) => {
                let name = reference.ref_location.rsplit('/').next()?;
                self.components.get(name).and_then(|schema| self.resolve(schema))
            }
        }
    }
}

struct Check<'c> {
    contract: &'c Contract,
    errors: Vec<FieldError>,
    /// What the domains say of single fields; told with errors of form only.
    judged: Vec<FieldError>,
}

impl Check<'_> {
    fn wrong(&mut self, pointer: &str, code: &'static str, message: impl Into<String>) {
        if self.errors.len() < MOST {
            let one = FieldErrors::one(pointer, Violation::new(code, message));
            self.errors.extend_from_slice(one.as_slice());
        }
    }

    fn judged(&mut self, pointer: &str, violation: Violation) {
        self.judged.extend_from_slice(FieldErrors::one(pointer, violation).as_slice());
    }

    fn nul(&mut self, value: &Value, pointer: &str) {
        match value {
            Value::String(text) if text.contains('\0') => {
                self.wrong(pointer, "forbidden_character", "must not contain the character U+0000");
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.nul(item, &format!("{pointer}/{index}"));
                }
            }
            Value::Object(members) => {
                for (name, member) in members {
                    let pointer = child(pointer, name);
                    if name.contains('\0') {
                        self.wrong(&pointer, "forbidden_character", "must not contain the character U+0000");
                    }
                    self.nul(member, &pointer);
                }
            }
            _ => {}
        }
    }

    fn value(&mut self, schema: &RefOr<Schema>, value: &Value, pointer: &str) {
        let contract = self.contract;
        match contract.resolve(schema) {
            Some(Schema::Object(object)) => self.plain(object, value, pointer),
            Some(Schema::Array(array)) => {
                if value.is_null() && allows_null(&array.schema_type) {
                    return;
                }
                let Value::Array(items) = value else {
                    return self.wrong(pointer, "wrong_type", "must be a list");
                };
                self.count(items.len(), array.min_items, array.max_items, pointer);
                if let ArrayItems::RefOrSchema(schema) = &array.items {
                    for (index, item) in items.iter().enumerate() {
                        self.value(schema, item, &format!("{pointer}/{index}"));
                    }
                }
            }
            Some(Schema::OneOf(choice)) => self.choice(&choice.items, value, pointer),
            Some(Schema::AnyOf(choice)) => self.choice(&choice.items, value, pointer),
            // What is put together of parts, or unknown here, is left to `serde`.
            _ => {}
        }
    }

    /// One of several schemas must hold; else the errors of the nearest are told.
    fn choice(&mut self, choices: &[RefOr<Schema>], value: &Value, pointer: &str) {
        // Who wrote a list meant the list: what is wrong inside is nearer than the wrong form.
        let distance = |errors: &[FieldError]| (errors.iter().any(|e| e.pointer == pointer), errors.len());
        let mut nearest: Option<Vec<FieldError>> = None;
        for schema in choices {
            let mut attempt = Check { contract: self.contract, errors: Vec::new(), judged: Vec::new() };
            attempt.value(schema, value, pointer);
            let only_null = matches!(schema, RefOr::T(Schema::Object(o)) if o.schema_type == SchemaType::Type(Type::Null));
            match &nearest {
                _ if attempt.errors.is_empty() => return self.judged.append(&mut attempt.judged),
                _ if only_null => {}
                Some(best) if distance(best) <= distance(&attempt.errors) => {}
                _ => nearest = Some(attempt.errors),
            }
        }
        self.errors.extend(nearest.unwrap_or_default());
    }

    fn plain(&mut self, schema: &Object, value: &Value, pointer: &str) {
        if !is_of(&schema.schema_type, value) {
            let wanted = names(&schema.schema_type);
            return self.wrong(pointer, "wrong_type", format!("must be {wanted}"));
        }
        if let Some(allowed) = schema.enum_values.as_ref().filter(|allowed| !allowed.contains(value)) {
            let words: Vec<String> = allowed.iter().map(|word| word.to_string().replace('"', "`")).collect();
            return self.wrong(pointer, "unknown_value", format!("must be one of {}", words.join(", ")));
        }
        match value {
            Value::String(text) => self.text(schema, text, pointer),
            Value::Number(number) => self.number(schema, number, pointer),
            Value::Object(members) => self.object(schema, members, pointer),
            _ => {}
        }
    }

    fn object(&mut self, schema: &Object, members: &Map<String, Value>, pointer: &str) {
        for name in schema.required.iter().filter(|name| !members.contains_key(*name)) {
            self.wrong(&child(pointer, name), "required", "is missing");
        }
        for (name, value) in members {
            self.beside(schema.properties.get(name), value, members, pointer);
            let pointer = child(pointer, name);
            match (schema.properties.get(name), schema.additional_properties.as_deref()) {
                (Some(property), _) => self.value(property, value, &pointer),
                (None, Some(AdditionalProperties::RefOr(each))) => self.value(each, value, &pointer),
                (None, Some(AdditionalProperties::FreeForm(true))) => {}
                (None, None) if schema.properties.is_empty() => {}
                (None, _) => self.wrong(&pointer, "unknown_field", "is no field of this request"),
            }
        }
    }

    /// What the domain says of a value together with the members beside it.
    fn beside(
        &mut self,
        property: Option<&RefOr<Schema>>,
        value: &Value,
        members: &Map<String, Value>,
        parent: &str,
    ) {
        let Some(RefOr::T(Schema::Object(Object { format: Some(format), .. }))) = property else { return };
        let Err(errors) = rules::beside(format, value, members) else { return };
        let below = |error: &FieldError| FieldError {
            pointer: format!("{parent}{}", error.pointer),
            ..error.clone()
        };
        self.judged.extend(errors.as_slice().iter().map(below));
    }

    fn text(&mut self, schema: &Object, text: &str, pointer: &str) {
        let format = schema.format.as_ref();
        let counted = if rules::keeps_space(format) { text } else { text.trim() };
        let length = counted.chars().count();
        if let Some(min) = schema.min_length.filter(|min| length < *min) {
            let (code, message) = match length {
                0 => ("required", "must not be empty".to_owned()),
                _ => ("too_short", format!("must have at least {min} characters")),
            };
            // Of nothing but space the domain says so, together with its rules between fields.
            if text.chars().count() < min {
                self.wrong(pointer, code, message);
            } else {
                self.judged(pointer, Violation::new(code, message));
            }
        }
        if let Some(max) = schema.max_length.filter(|max| length > *max) {
            self.wrong(pointer, "too_long", format!("must have at most {max} characters"));
        }
        if let Some(Err(violation)) = format.map(|format| rules::text(format, text)) {
            self.judged(pointer, violation);
        }
        let wanted = match format {
            Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)) if text.parse::<uuid::Uuid>().is_err() => {
                "a UUID"
            }
            Some(SchemaFormat::KnownFormat(KnownFormat::Date)) if !is_date(text) => {
                "a date such as 2026-03-02"
            }
            Some(SchemaFormat::KnownFormat(KnownFormat::DateTime))
                if text.parse::<kernel::Timestamp>().is_err() =>
            {
                "an instant such as 2026-03-02T09:00:00Z"
            }
            _ => return,
        };
        self.wrong(pointer, "invalid_format", format!("must be {wanted}"));
    }

    fn number(&mut self, schema: &Object, number: &serde_json::Number, pointer: &str) {
        let value = number.as_f64().unwrap_or(f64::NAN);
        let int32 = matches!(schema.format, Some(SchemaFormat::KnownFormat(KnownFormat::Int32)));
        let minimum = schema.minimum.as_ref().map(float).or(int32.then_some(f64::from(i32::MIN)));
        let maximum = schema.maximum.as_ref().map(float).or(int32.then_some(f64::from(i32::MAX)));
        if let Some(least) = minimum.filter(|least| value < *least) {
            self.wrong(pointer, "too_small", format!("must be at least {least}"));
        }
        if let Some(most) = maximum.filter(|most| value > *most) {
            self.wrong(pointer, "too_large", format!("must be at most {most}"));
        }
    }

    fn count(&mut self, items: usize, min: Option<usize>, max: Option<usize>, pointer: &str) {
        if items == 0 && min == Some(1) {
            self.wrong(pointer, "required", "must not be empty");
        } else if let Some(min) = min.filter(|min| items < *min) {
            self.wrong(pointer, "too_few", format!("must have at least {min} items"));
        }
        if let Some(max) = max.filter(|max| items > *max) {
            self.wrong(pointer, "too_many", format!("must have at most {max} items"));
        }
    }
}

/// A day of the years 1 to 9999: RFC 3339 knows no others, and not every database keeps them.
fn is_date(text: &str) -> bool {
    text.parse::<kernel::Date>().is_ok_and(|date| (1..=9999).contains(&date.year()))
}

/// The pointer of a member (RFC 6901).
fn child(pointer: &str, name: &str) -> String {
    let shown: String = name.chars().take(128).collect();
    format!("{pointer}/{}", shown.replace('~', "~0").replace('/', "~1"))
}

#[expect(clippy::cast_precision_loss, reason = "bounds of schemas are small numbers")]
const fn float(number: &Number) -> f64 {
    match number {
        Number::Int(n) => *n as f64,
        Number::UInt(n) => *n as f64,
        Number::Float(n) => *n,
    }
}

fn types(schema: &SchemaType) -> &[Type] {
    match schema {
        SchemaType::Type(one) => std::slice::from_ref(one),
        SchemaType::Array(several) => several,
        SchemaType::AnyValue => &[],
    }
}

fn allows_null(schema: &SchemaType) -> bool {
    types(schema).contains(&Type::Null)
}

fn is_of(schema: &SchemaType, value: &Value) -> bool {
    let fits = |wanted: &Type| match wanted {
        Type::Object => value.is_object(),
        Type::String => value.is_string(),
        Type::Integer => value.is_i64() || value.is_u64(),
        Type::Number => value.is_number(),
        Type::Boolean => value.is_boolean(),
        Type::Array => value.is_array(),
        Type::Null => value.is_null(),
    };
    types(schema).is_empty() || types(schema).iter().any(fits)
}

fn names(schema: &SchemaType) -> String {
    let name = |wanted: &Type| match wanted {
        Type::Object => "an object",
        Type::String => "a text",
        Type::Integer => "a whole number",
        Type::Number => "a number",
        Type::Boolean => "true or false",
        Type::Array => "a list",
        Type::Null => "null",
    };
    types(schema).iter().map(name).collect::<Vec<_>>().join(" or ")
}

#[cfg(test)]
mod tests;
