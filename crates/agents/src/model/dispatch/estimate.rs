use super::{Message, ModelRequest, Part, Tool};

/// So many bytes of text are taken for a token. English has four to five in every tokenizer we know of, code and other
/// languages fewer; the figure is used to hold money back, so it errs on the dear side.
const BYTES_A_TOKEN: usize = 3;
/// What each turn and each tool costs beside its text.
const AROUND: usize = 8;

/// About how many tokens a text has.
#[must_use]
pub fn tokens_in(text: &str) -> u64 {
    tokens_of(text.len())
}

/// About how many tokens so many bytes of text are.
#[must_use]
pub fn tokens_of(bytes: usize) -> u64 {
    u64::try_from(bytes.div_ceil(BYTES_A_TOKEN)).unwrap_or(u64::MAX)
}

impl ModelRequest {
    /// About how many tokens of input the request has. For holding money back, and for charging a call that was cut off
    /// before its provider said.
    #[must_use]
    pub fn estimated_input(&self) -> u64 {
        let bytes: usize = self.system.as_ref().map_or(0, String::len)
            + self.messages.iter().map(message).sum::<usize>()
            + self.tools.iter().map(tool).sum::<usize>()
            + self.schema.as_ref().map_or(0, |schema| schema.to_string().len());
        let around = (self.messages.len() + self.tools.len() + 1) * AROUND;
        u64::try_from(bytes.div_ceil(BYTES_A_TOKEN) + around).unwrap_or(u64::MAX)
    }
}

fn message(message: &Message) -> usize {
    message.parts.iter().map(part).sum()
}

fn part(part: &Part) -> usize {
    match part {
        Part::Text(text) => text.len(),
        Part::Thought { text, signature } => text.len() + signature.as_ref().map_or(0, String::len),
        Part::ToolCall { name, arguments, .. } => name.len() + arguments.to_string().len(),
        Part::ToolResult { name, content, .. } => name.len() + content.to_string().len(),
    }
}

fn tool(tool: &Tool) -> usize {
    tool.name.len() + tool.description.len() + tool.parameters.to_string().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_sent_counts() {
        let bare =
            ModelRequest { messages: vec![Message::user("Write a letter.")], ..ModelRequest::default() };
        let plain = bare.estimated_input();
        assert_eq!(plain, 5 + 16);
        let schema = serde_json::json!({"type": "object"});
        let more =
            Tool { name: "look".to_owned(), description: "Looks.".to_owned(), parameters: schema.clone() };
        for longer in [
            ModelRequest { system: Some("Be brief.".to_owned()), ..bare.clone() },
            ModelRequest { schema: Some(schema), ..bare.clone() },
            ModelRequest { tools: vec![more], ..bare.clone() },
        ] {
            assert!(longer.estimated_input() > plain, "{longer:?}");
        }
        assert_eq!((tokens_in(""), tokens_in("a"), tokens_in("abcd")), (0, 1, 2));
    }
}
