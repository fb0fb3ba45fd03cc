use agents::dispatch::{Message, Model, ModelRequest, Part, Provider, Speaker, Tool, ToolChoice};
use serde_json::{Map, Value, json};

/// By which way Claude is reached, which decides where model and version are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// Anthropic's own API: the model in the body, the version in a header.
    Own,
    /// Vertex AI: the model in the path, the version in the body.
    Vertex,
}

/// The body of a message.
#[must_use]
pub fn body(model: &Model, request: &ModelRequest, route: Route, streams: bool) -> Value {
    let mut body = Map::new();
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            body.insert(name.to_owned(), value);
        }
    };
    match route {
        Route::Own => {
            set("model", model.served_as.get(&Provider::Anthropic).map(|name| name.as_str().into()))
        }
        Route::Vertex => set("anthropic_version", model.anthropic_version.as_deref().map(Into::into)),
    }
    set("max_tokens", Some(request.output_for(model).into()));
    set("system", request.system.as_deref().map(Into::into));
    set("messages", Some(request.messages.iter().map(message).collect()));
    if !request.tools.is_empty() {
        set("tools", Some(request.tools.iter().map(tool).collect()));
        set("tool_choice", Some(choice(&request.tool_choice)));
    }
    let format = |schema: &Value| json!({"format": {"type": "json_schema", "schema": schema}});
    set("output_config", request.schema.as_ref().map(format));
    set("stop_sequences", (!request.stop.is_empty()).then(|| request.stop.clone().into()));
    set("temperature", request.temperature.map(Into::into));
    set("top_p", request.top_p.map(Into::into));
    set("stream", streams.then_some(true.into()));
    Value::Object(body)
}

fn message(message: &Message) -> Value {
    let role = match message.speaker {
        Speaker::User => "user",
        Speaker::Assistant => "assistant",
    };
    json!({"role": role, "content": message.parts.iter().filter_map(block).collect::<Value>()})
}

/// A block; a thought without its seal is none, as it would be refused.
fn block(part: &Part) -> Option<Value> {
    match part {
        Part::Text(text) => Some(json!({"type": "text", "text": text})),
        Part::Thought { text, signature } => {
            let seal = signature.as_ref()?;
            Some(json!({"type": "thinking", "thinking": text, "signature": seal}))
        }
        Part::ToolCall { id, name, arguments, .. } => {
            Some(json!({"type": "tool_use", "id": id, "name": name, "input": arguments}))
        }
        Part::ToolResult { id, content, .. } => {
            let text = content.as_str().map_or_else(|| content.to_string(), ToOwned::to_owned);
            Some(json!({"type": "tool_result", "tool_use_id": id, "content": text}))
        }
    }
}

fn tool(tool: &Tool) -> Value {
    json!({"name": tool.name, "description": tool.description, "input_schema": tool.parameters})
}

fn choice(choice: &ToolChoice) -> Value {
    match choice {
        ToolChoice::Auto => json!({"type": "auto"}),
        ToolChoice::Never => json!({"type": "none"}),
        ToolChoice::Some => json!({"type": "any"}),
        ToolChoice::This(name) => json!({"type": "tool", "name": name}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use agents::dispatch::CatalogueFile;

    fn sonnet() -> Model {
        let now = "2026-11-26T12:00:00Z".parse().unwrap();
        CatalogueFile::shipped().unwrap().find("claude-sonnet-5-5", now).unwrap().clone()
    }

    #[test]
    fn model_and_version_stand_where_the_route_wants_them() {
        let request = ModelRequest { messages: vec![Message::user("Why?")], ..ModelRequest::default() };
        let said = json!([{"role": "user", "content": [{"type": "text", "text": "Why?"}]}]);
        let own = json!({"model": "claude-sonnet-5-5", "max_tokens": 4_096, "messages": said});
        assert_eq!(body(&sonnet(), &request, Route::Own, false), own);
        let vertex =
            json!({"anthropic_version": "2026-10-21", "max_tokens": 4_096, "messages": said, "stream": true});
        assert_eq!(body(&sonnet(), &request, Route::Vertex, true), vertex);
    }

    #[test]
    fn everything_that_can_be_asked_has_its_place() {
        let schema = json!({"type": "object"});
        let look =
            Tool { name: "look".to_owned(), description: "Looks.".to_owned(), parameters: schema.clone() };
        let request = ModelRequest {
            system: Some("Be brief.".to_owned()),
            messages: vec![Message::user("Why?")],
            tools: vec![look],
            schema: Some(schema.clone()),
            max_output_tokens: Some(100),
            stop: vec!["END".to_owned()],
            ..ModelRequest::default()
        };
        let asked = body(&sonnet(), &request, Route::Own, false);
        assert_eq!((&asked["system"], &asked["max_tokens"]), (&json!("Be brief."), &json!(100)));
        assert_eq!(
            asked["tools"],
            json!([{"name": "look", "description": "Looks.", "input_schema": schema}])
        );
        assert_eq!(
            (&asked["tool_choice"], &asked["stop_sequences"]),
            (&json!({"type": "auto"}), &json!(["END"]))
        );
        assert_eq!(asked["output_config"], json!({"format": {"type": "json_schema", "schema": schema}}));
        for (chosen, said) in [
            (ToolChoice::Never, json!({"type": "none"})),
            (ToolChoice::Some, json!({"type": "any"})),
            (ToolChoice::This("look".to_owned()), json!({"type": "tool", "name": "look"})),
        ] {
            assert_eq!(choice(&chosen), said);
        }
    }

    #[test]
    fn a_turn_of_tools_goes_back_block_by_block() {
        let thought = |signature: Option<&str>| Part::Thought {
            text: "Hm.".to_owned(),
            signature: signature.map(ToOwned::to_owned),
        };
        assert_eq!(block(&thought(None)), None);
        let sealed = json!({"type": "thinking", "thinking": "Hm.", "signature": "s"});
        assert_eq!(block(&thought(Some("s"))), Some(sealed));
        let result = |content| Part::ToolResult { id: "c".to_owned(), name: "look".to_owned(), content };
        let answered = |text: &str| Some(json!({"type": "tool_result", "tool_use_id": "c", "content": text}));
        assert_eq!(block(&result(json!("fine"))), answered("fine"));
        assert_eq!(block(&result(json!({"a": 1}))), answered("{\"a\":1}"));
    }
}
