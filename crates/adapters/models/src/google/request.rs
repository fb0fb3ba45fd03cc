use agents::dispatch::{Message, Model, ModelRequest, Part, Speaker, Tool, ToolChoice, catalogue::Thinking};
use serde_json::{Map, Value, json};

/// The body of `generateContent` and `streamGenerateContent`.
#[must_use]
pub fn body(model: &Model, request: &ModelRequest) -> Value {
    let mut body = Map::new();
    body.insert("contents".to_owned(), request.messages.iter().map(content).collect());
    if let Some(system) = &request.system {
        body.insert("systemInstruction".to_owned(), json!({"parts": [{"text": system}]}));
    }
    if !request.tools.is_empty() {
        let declarations: Value = request.tools.iter().map(declaration).collect();
        body.insert("tools".to_owned(), json!([{"functionDeclarations": declarations}]));
        body.insert("toolConfig".to_owned(), json!({"functionCallingConfig": calling(&request.tool_choice)}));
    }
    body.insert("generationConfig".to_owned(), config(model, request));
    Value::Object(body)
}

fn content(message: &Message) -> Value {
    let role = match message.speaker {
        Speaker::User => "user",
        Speaker::Assistant => "model",
    };
    json!({"role": role, "parts": message.parts.iter().map(part).collect::<Value>()})
}

fn part(part: &Part) -> Value {
    match part {
        Part::Text(text) => json!({"text": text}),
        Part::Thought { text, signature } => {
            sealed(json!({"text": text, "thought": true}), signature.as_deref())
        }
        Part::ToolCall { id, name, arguments, signature } => {
            let call = json!({"functionCall": {"id": id, "name": name, "args": arguments}});
            sealed(call, signature.as_deref())
        }
        Part::ToolResult { id, name, content } => {
            // An object is asked for.
            let response = if content.is_object() { content.clone() } else { json!({"result": content}) };
            json!({"functionResponse": {"id": id, "name": name, "response": response}})
        }
    }
}

/// With the seal, which goes back unchanged: else the turn is refused.
fn sealed(mut part: Value, signature: Option<&str>) -> Value {
    if let (Some(part), Some(signature)) = (part.as_object_mut(), signature) {
        part.insert("thoughtSignature".to_owned(), signature.into());
    }
    part
}

fn declaration(tool: &Tool) -> Value {
    json!({"name": tool.name, "description": tool.description, "parametersJsonSchema": tool.parameters})
}

fn calling(choice: &ToolChoice) -> Value {
    match choice {
        ToolChoice::Auto => json!({"mode": "AUTO"}),
        ToolChoice::Never => json!({"mode": "NONE"}),
        ToolChoice::Some => json!({"mode": "ANY"}),
        ToolChoice::This(name) => json!({"mode": "ANY", "allowedFunctionNames": [name]}),
    }
}

fn config(model: &Model, request: &ModelRequest) -> Value {
    let mut config = Map::new();
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            config.insert(name.to_owned(), value);
        }
    };
    set("temperature", request.temperature.map(Into::into));
    set("topP", request.top_p.map(Into::into));
    set("maxOutputTokens", request.max_output_tokens.map(Into::into));
    set("seed", request.seed.map(Into::into));
    set("stopSequences", (!request.stop.is_empty()).then(|| request.stop.clone().into()));
    set("responseMimeType", request.schema.is_some().then(|| "application/json".into()));
    set("responseJsonSchema", request.schema.clone());
    set(
        "thinkingConfig",
        request.thinking_tokens.and_then(|tokens| thinking(model.capabilities.thinking, tokens)),
    );
    Value::Object(config)
}

/// Gemini 4 refuses a number of tokens, and takes a level.
fn thinking(told: Thinking, tokens: u32) -> Option<Value> {
    match told {
        Thinking::Untold => None,
        Thinking::Budget => Some(json!({"thinkingBudget": tokens})),
        Thinking::Level => {
            let level = match tokens {
                0..=1_024 => "LOW",
                1_025..=8_192 => "MEDIUM",
                _ => "HIGH",
            };
            Some(json!({"thinkingLevel": level}))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use agents::dispatch::CatalogueFile;

    fn model(id: &str) -> Model {
        CatalogueFile::shipped().unwrap().find(id, "2026-11-26T12:00:00Z".parse().unwrap()).unwrap().clone()
    }

    #[test]
    fn a_plain_question_is_short() {
        let request = ModelRequest { messages: vec![Message::user("Why?")], ..ModelRequest::default() };
        let plain =
            json!({"contents": [{"role": "user", "parts": [{"text": "Why?"}]}], "generationConfig": {}});
        assert_eq!(body(&model("gemini-3.8-flash"), &request), plain);
    }

    #[test]
    fn everything_that_can_be_asked_has_its_place() {
        let schema = json!({"type": "object"});
        let tool =
            Tool { name: "look".to_owned(), description: "Looks.".to_owned(), parameters: schema.clone() };
        let request = ModelRequest {
            system: Some("Be brief.".to_owned()),
            messages: vec![Message::user("Why?")],
            tools: vec![tool],
            tool_choice: ToolChoice::This("look".to_owned()),
            schema: Some(schema.clone()),
            max_output_tokens: Some(100),
            temperature: Some(0.5),
            top_p: Some(0.9),
            stop: vec!["END".to_owned()],
            seed: Some(7),
            thinking_tokens: Some(2_000),
        };
        let asked = body(&model("gemini-3.8-flash"), &request);
        assert_eq!(asked["systemInstruction"], json!({"parts": [{"text": "Be brief."}]}));
        let declared = json!({"name": "look", "description": "Looks.", "parametersJsonSchema": schema});
        assert_eq!(asked["tools"], json!([{"functionDeclarations": [declared]}]));
        let forced = json!({"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["look"]}});
        assert_eq!(asked["toolConfig"], forced);
        let config = json!({"temperature": 0.5, "topP": 0.9, "maxOutputTokens": 100, "seed": 7,
            "stopSequences": ["END"], "responseMimeType": "application/json", "responseJsonSchema": schema,
            "thinkingConfig": {"thinkingBudget": 2_000}});
        assert_eq!(asked["generationConfig"], config);
        let leveled = body(&model("gemini-4-argon"), &request);
        assert_eq!(leveled["generationConfig"]["thinkingConfig"], json!({"thinkingLevel": "MEDIUM"}));
    }

    #[test]
    fn calls_go_back_with_their_seals_and_results_as_objects() {
        let call = Part::ToolCall {
            id: "c1".to_owned(),
            name: "look".to_owned(),
            arguments: json!({"at": 1}),
            signature: Some("seal".to_owned()),
        };
        let result = |content| Part::ToolResult { id: "c1".to_owned(), name: "look".to_owned(), content };
        assert_eq!(
            part(&call),
            json!({"functionCall": {"id": "c1", "name": "look", "args": {"at": 1}}, "thoughtSignature": "seal"})
        );
        let answered =
            |response: Value| json!({"functionResponse": {"id": "c1", "name": "look", "response": response}});
        assert_eq!(part(&result(json!({"a": 1}))), answered(json!({"a": 1})));
        assert_eq!(part(&result(json!("text"))), answered(json!({"result": "text"})));
    }
}
