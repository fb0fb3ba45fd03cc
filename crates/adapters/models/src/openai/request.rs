use agents::dispatch::{Message, Model, ModelRequest, Part, Provider, Speaker, Tool, ToolChoice};
use serde_json::{Map, Value, json};

/// Whose manner of speaking it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// `OpenAI`'s own.
    OpenAi,
    /// Mistral's.
    Mistral,
    /// That of other servers, which know the older names.
    Compatible,
}

impl Dialect {
    /// Whose it is.
    #[must_use]
    pub const fn provider(self) -> Provider {
        match self {
            Self::OpenAi => Provider::OpenAi,
            Self::Mistral => Provider::Mistral,
            Self::Compatible => Provider::Compatible,
        }
    }
}

/// The body of a chat completion.
#[must_use]
pub fn body(model: &Model, request: &ModelRequest, dialect: Dialect, streams: bool) -> Value {
    let mut body = Map::new();
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            body.insert(name.to_owned(), value);
        }
    };
    let is_mistral = dialect == Dialect::Mistral;
    let (length, seed) = match dialect {
        Dialect::OpenAi => ("max_completion_tokens", "seed"),
        Dialect::Mistral => ("max_tokens", "random_seed"),
        Dialect::Compatible => ("max_tokens", "seed"),
    };
    set("model", model.served_as.get(&dialect.provider()).map(|name| name.as_str().into()));
    set("messages", Some(messages(request).into()));
    if !request.tools.is_empty() {
        set("tools", Some(request.tools.iter().map(tool).collect()));
        set("tool_choice", Some(choice(&request.tool_choice, dialect)));
    }
    set("response_format", request.schema.as_ref().map(format));
    set(length, request.max_output_tokens.map(Into::into));
    set(seed, request.seed.map(Into::into));
    set("temperature", request.temperature.map(Into::into));
    set("top_p", request.top_p.map(Into::into));
    set("stop", (!request.stop.is_empty()).then(|| request.stop.clone().into()));
    set("stream", streams.then_some(true.into()));
    // Mistral tells usage anyhow.
    set("stream_options", (streams && !is_mistral).then(|| json!({"include_usage": true})));
    Value::Object(body)
}

/// Any object at all is what the older mode is for: a strict schema has to name its members.
fn format(schema: &Value) -> Value {
    if *schema == json!({"type": "object"}) {
        return json!({"type": "json_object"});
    }
    json!({"type": "json_schema", "json_schema": {"name": "answer", "schema": schema, "strict": true}})
}

fn messages(request: &ModelRequest) -> Vec<Value> {
    let system = request.system.iter().map(|system| json!({"role": "system", "content": system}));
    system.chain(request.messages.iter().flat_map(turn)).collect()
}

/// A turn: results of tools are messages of their own.
fn turn(message: &Message) -> Vec<Value> {
    let mut said = Vec::new();
    let (mut text, mut calls) = (String::new(), Vec::new());
    for part in &message.parts {
        match part {
            Part::Text(more) => text.push_str(more),
            Part::Thought { .. } => {}
            Part::ToolCall { id, name, arguments, .. } => {
                let function = json!({"name": name, "arguments": arguments.to_string()});
                calls.push(json!({"id": id, "type": "function", "function": function}));
            }
            Part::ToolResult { id, content, .. } => {
                let text = content.as_str().map_or_else(|| content.to_string(), ToOwned::to_owned);
                said.push(json!({"role": "tool", "tool_call_id": id, "content": text}));
            }
        }
    }
    match message.speaker {
        Speaker::User if text.is_empty() => {}
        Speaker::User => said.push(json!({"role": "user", "content": text})),
        Speaker::Assistant if calls.is_empty() => said.push(json!({"role": "assistant", "content": text})),
        Speaker::Assistant => {
            let content = if text.is_empty() { Value::Null } else { text.into() };
            said.push(json!({"role": "assistant", "content": content, "tool_calls": calls}));
        }
    }
    said
}

fn tool(tool: &Tool) -> Value {
    let function = json!({"name": tool.name, "description": tool.description, "parameters": tool.parameters});
    json!({"type": "function", "function": function})
}

fn choice(choice: &ToolChoice, dialect: Dialect) -> Value {
    match choice {
        ToolChoice::Auto => "auto".into(),
        ToolChoice::Never => "none".into(),
        ToolChoice::Some if dialect == Dialect::Mistral => "any".into(),
        ToolChoice::Some => "required".into(),
        ToolChoice::This(name) => json!({"type": "function", "function": {"name": name}}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use agents::dispatch::CatalogueFile;

    fn model(id: &str) -> Model {
        CatalogueFile::shipped().unwrap().find(id, "2026-11-26T12:00:00Z".parse().unwrap()).unwrap().clone()
    }

    fn asked() -> ModelRequest {
        ModelRequest {
            system: Some("Be brief.".to_owned()),
            messages: vec![Message::user("Why?")],
            max_output_tokens: Some(100),
            seed: Some(7),
            tool_choice: ToolChoice::Some,
            tools: vec![Tool {
                name: "look".to_owned(),
                description: "Looks.".to_owned(),
                parameters: json!({}),
            }],
            schema: Some(json!({"type": "object"})),
            ..ModelRequest::default()
        }
    }

    #[test]
    fn each_dialect_has_its_own_names() {
        let own = body(&model("gpt-6-luna"), &asked(), Dialect::OpenAi, true);
        assert_eq!(
            (&own["model"], &own["max_completion_tokens"], &own["seed"]),
            (&json!("gpt-6-luna"), &json!(100), &json!(7))
        );
        assert_eq!(
            (&own["tool_choice"], &own["stream_options"]),
            (&json!("required"), &json!({"include_usage": true}))
        );
        let said = json!([{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Why?"}]);
        assert_eq!(own["messages"], said);
        assert_eq!(own["tools"][0]["function"]["name"], "look");
        assert_eq!(own["response_format"], json!({"type": "json_object"}), "any object");
        let strict = json!({"type": "object", "properties": {}});
        let typed = ModelRequest { schema: Some(strict.clone()), ..asked() };
        let typed = body(&model("gpt-6-luna"), &typed, Dialect::OpenAi, true);
        assert_eq!(typed["response_format"]["json_schema"]["schema"], strict);
        let other = body(&model("mistral-small-latest"), &asked(), Dialect::Mistral, true);
        assert_eq!(
            (&other["max_tokens"], &other["random_seed"], &other["tool_choice"]),
            (&json!(100), &json!(7), &json!("any"))
        );
        assert!(other.get("stream_options").is_none() && other.get("seed").is_none(), "{other}");
        assert!(body(&model("gpt-6-luna"), &asked(), Dialect::OpenAi, false).get("stream").is_none());
    }

    #[test]
    fn a_turn_of_tools_is_several_messages() {
        let call = Part::ToolCall {
            id: "c".to_owned(),
            name: "look".to_owned(),
            arguments: json!({"at": 1}),
            signature: None,
        };
        let thought = Part::Thought { text: "Hm.".to_owned(), signature: None };
        let wants = Message { speaker: Speaker::Assistant, parts: vec![thought, call] };
        let calls =
            json!([{"id": "c", "type": "function", "function": {"name": "look", "arguments": "{\"at\":1}"}}]);
        assert_eq!(turn(&wants), [json!({"role": "assistant", "content": null, "tool_calls": calls})]);
        let result =
            Part::ToolResult { id: "c".to_owned(), name: "look".to_owned(), content: json!({"a": 1}) };
        let back = Message { speaker: Speaker::User, parts: vec![result, Part::Text("Go on.".to_owned())] };
        let tool = json!({"role": "tool", "tool_call_id": "c", "content": "{\"a\":1}"});
        assert_eq!(turn(&back), [tool, json!({"role": "user", "content": "Go on."})]);
    }
}
