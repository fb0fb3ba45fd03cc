use super::{
    Model, ModelKind, ModelRequest, Part, Tool, ToolChoice,
    catalogue::{Capabilities, Thinking},
};
use kernel::{FieldErrors, field::Checker};

/// More is refused before it is measured: no provider takes it, and it would have to be held in memory.
pub const LONGEST_CONVERSATION: usize = 1_000;
/// As many words end an answer as every provider takes.
const MOST_STOPS: usize = 4;
/// The highest temperature that any provider knows.
const HOTTEST: f64 = 2.0;

impl ModelRequest {
    /// Whether this model can be asked this, all mistakes at once. What the model does not take is none: it is left out by
    /// [`fitted`](Self::fitted).
    ///
    /// # Errors
    /// Each field that is out of the model's bounds.
    pub fn check(&self, model: &Model) -> Result<(), FieldErrors> {
        let mut check = Checker::default();
        let id = &model.id;
        check.rule("/model", model.kind == ModelKind::Chat, "not_a_chat_model", "makes vectors, not text");
        let turns = format!("must have 1 to {LONGEST_CONVERSATION} turns");
        check.rule(
            "/messages",
            (1..=LONGEST_CONVERSATION).contains(&self.messages.len()),
            "invalid_length",
            turns,
        );
        let fits = self.estimated_input() <= u64::from(model.input_tokens);
        let most = format!("is longer than {id} takes, {} tokens", model.input_tokens);
        check.rule("/messages", fits, "too_long", most);
        let length = self.max_output_tokens.unwrap_or(1);
        let range = format!("must be between 1 and {} for {id}", model.output_tokens);
        check.rule("/max_output_tokens", (1..=model.output_tokens).contains(&length), "out_of_range", range);
        let hottest = model.capabilities.temperature_up_to.unwrap_or(HOTTEST);
        let heat = self.temperature.unwrap_or(0.0);
        let range = format!("must be between 0 and {hottest} for {id}");
        check.rule("/temperature", (0.0..=hottest).contains(&heat), "out_of_range", range);
        let share = self.top_p.unwrap_or(1.0);
        check.rule("/top_p", (0.0..=1.0).contains(&share), "out_of_range", "must be between 0 and 1");
        let (calls, takes) = (model.capabilities.tools, model.capabilities.schema);
        check.rule("/tools", calls || self.tools.is_empty(), "unsupported", format!("{id} calls no tools"));
        check.rule("/schema", takes || self.schema.is_none(), "unsupported", format!("{id} takes no schema"));
        let few = self.stop.len() <= MOST_STOPS && self.stop.iter().all(|word| !word.is_empty());
        check.rule("/stop", few, "invalid_length", format!("must be at most {MOST_STOPS} words, none empty"));
        let known = self.tool_choice.may_be_made_of(&self.tools);
        check.rule("/tool_choice", known, "unknown_tool", "must be one of the tools");
        check.finish()
    }

    /// The request as this model takes it: without what it refuses, and within its bounds. The same request so fits every
    /// target of an alias.
    #[must_use]
    pub fn fitted(&self, model: &Model) -> Self {
        let can = &model.capabilities;
        let cooled = |most: f64| self.temperature.map(|temperature| temperature.min(most));
        Self {
            max_output_tokens: Some(self.output_for(model)),
            temperature: can.temperature_up_to.and_then(cooled),
            top_p: self.top_p.filter(|_| can.top_p),
            seed: self.seed.filter(|_| can.seed),
            stop: if can.stop { self.stop.clone() } else { Vec::new() },
            tool_choice: choice(&self.tool_choice, can),
            thinking_tokens: self.thinking_for(model),
            ..self.clone()
        }
    }

    /// How long an answer is asked for, in tokens.
    #[must_use]
    pub fn output_for(&self, model: &Model) -> u32 {
        self.max_output_tokens.unwrap_or(model.usual_output_tokens).min(model.output_tokens)
    }

    /// How much it is told to think, in tokens; `None` for a model that can't be told.
    #[must_use]
    pub fn thinking_for(&self, model: &Model) -> Option<u32> {
        self.thinking_tokens.filter(|_| model.capabilities.thinking != Thinking::Untold)
    }

    /// The request for another model than the one that thought: seals don't survive the change.
    #[must_use]
    pub fn without_seals(mut self) -> Self {
        for message in &mut self.messages {
            message.parts.retain(|part| !matches!(part, Part::Thought { .. }));
            for part in &mut message.parts {
                if let Part::ToolCall { signature, .. } = part {
                    *signature = None;
                }
            }
        }
        self
    }
}

impl ToolChoice {
    /// Whether these tools leave it that choice.
    fn may_be_made_of(&self, tools: &[Tool]) -> bool {
        match self {
            Self::Auto | Self::Never => true,
            Self::Some => !tools.is_empty(),
            Self::This(name) => tools.iter().any(|tool| tool.name == *name),
        }
    }
}

/// A model that can't be made to call a tool is left to itself: refusing would end the call.
fn choice(wanted: &ToolChoice, can: &Capabilities) -> ToolChoice {
    match wanted {
        ToolChoice::Some | ToolChoice::This(_) if !can.forced_tools => ToolChoice::Auto,
        wanted => wanted.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::dispatch::{CatalogueFile, Message};
    use serde_json::json;

    fn model(id: &str) -> Model {
        CatalogueFile::shipped().unwrap().find(id, "2026-11-26T12:00:00Z".parse().unwrap()).unwrap().clone()
    }

    fn look() -> Tool {
        Tool {
            name: "look".to_owned(),
            description: "Looks.".to_owned(),
            parameters: json!({"type": "object"}),
        }
    }

    fn bold() -> ModelRequest {
        ModelRequest {
            messages: vec![Message::user("Write a letter.")],
            temperature: Some(1.8),
            top_p: Some(0.9),
            seed: Some(7),
            tools: vec![look()],
            tool_choice: ToolChoice::Some,
            thinking_tokens: Some(512),
            ..ModelRequest::default()
        }
    }

    #[test]
    fn what_a_model_refuses_is_left_out_and_what_is_too_much_made_less() {
        let sonnet = bold().fitted(&model("claude-sonnet-5-5"));
        assert_eq!((sonnet.temperature, sonnet.top_p, sonnet.seed), (None, None, None));
        assert_eq!((sonnet.tool_choice, sonnet.thinking_tokens), (ToolChoice::Auto, None));
        let flash = bold().fitted(&model("gemini-3.8-flash"));
        assert_eq!((flash.temperature, flash.seed, flash.thinking_tokens), (Some(1.8), Some(7), Some(512)));
        assert_eq!(flash.tool_choice, ToolChoice::Some);
        assert_eq!(bold().fitted(&model("mistral-small-latest")).temperature, Some(1.5));
        assert_eq!(flash.max_output_tokens, Some(4_096), "the usual length, as nothing was said");
    }

    #[test]
    fn each_mistake_of_a_request_is_named() {
        let pointers = |request: &ModelRequest, id: &str| -> Vec<String> {
            let errors = request.check(&model(id)).err();
            errors.iter().flat_map(FieldErrors::as_slice).map(|error| error.pointer.clone()).collect()
        };
        assert_eq!(pointers(&bold(), "gemini-3.8-flash"), [""; 0]);
        let wrong = ModelRequest {
            messages: Vec::new(),
            max_output_tokens: Some(0),
            temperature: Some(f64::NAN),
            top_p: Some(1.1),
            stop: vec![String::new()],
            ..ModelRequest::default()
        };
        let all = ["/messages", "/max_output_tokens", "/temperature", "/top_p", "/stop"];
        assert_eq!(pointers(&wrong, "gemini-3.8-flash"), all);
        assert_eq!(pointers(&bold(), "mistral-small-latest"), ["/temperature"], "its highest one is 1.5");
        let other = ModelRequest { tool_choice: ToolChoice::This("go".to_owned()), ..bold() };
        assert_eq!(pointers(&other, "gemini-3.8-flash"), ["/tool_choice"]);
        let none = ModelRequest { tools: Vec::new(), ..bold() };
        assert_eq!(pointers(&none, "gemini-3.8-flash"), ["/tool_choice"]);
        let long =
            ModelRequest { messages: vec![Message::user("x".repeat(400_000))], ..ModelRequest::default() };
        assert_eq!(pointers(&long, "gpt-4o-mini"), ["/messages"]);
        assert_eq!(pointers(&bold(), "text-embedding-005").first().map(String::as_str), Some("/model"));
    }

    #[test]
    fn seals_go_to_nobody_else() {
        let call = |signature: Option<&str>| Part::ToolCall {
            id: "1".to_owned(),
            name: "look".to_owned(),
            arguments: json!({}),
            signature: signature.map(ToOwned::to_owned),
        };
        let thought = Part::Thought { text: "hm".to_owned(), signature: Some("seal".to_owned()) };
        let turn = |parts| Message { speaker: crate::model::dispatch::Speaker::Assistant, parts };
        let sealed = ModelRequest { messages: vec![turn(vec![thought, call(Some("seal"))])], ..bold() };
        assert_eq!(sealed.without_seals().messages, [turn(vec![call(None)])]);
    }
}
