use super::{
    Booking, Candidate, Dispatcher,
    attempt::{Question, Whole},
};
use crate::dispatch::{
    Answer, Ask, CallEnd, FailureKind, ModelFailure, ModelKind, ModelRequest, Operation, Part, Refusal, Reply,
};
use kernel::{CallContext, FieldErrors, WorkspaceScope, field::Checker};
use serde_json::Value;

impl Dispatcher {
    /// An answer in one piece, given once a key of the call.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn generate(
        &self,
        ctx: &CallContext,
        scope: &WorkspaceScope,
        ask: &Ask,
    ) -> Result<Answer, Refusal> {
        self.once(ctx, scope, self.generate_now(ctx, scope, ask)).await
    }

    async fn generate_now(
        &self,
        ctx: &CallContext,
        scope: &WorkspaceScope,
        ask: &Ask,
    ) -> Result<Answer, Refusal> {
        let candidates = self.prepare(scope, ask).await?;
        if self.policy.cached.is_zero() || !ask.may_be_cached {
            return self.answer(ctx, scope, ask, &candidates).await;
        }
        self.cached(ctx, scope, ask, &candidates).await
    }

    /// Whether the question can be asked, and whom.
    pub(super) async fn prepare(&self, scope: &WorkspaceScope, ask: &Ask) -> Result<Vec<Candidate>, Refusal> {
        let schemas = check_schemas(&ask.request);
        let providers = self.providers.of(scope).await?;
        let candidates = self.candidates(&providers, &ask.wanted, ModelKind::Chat, self.env.now());
        match (schemas, candidates.and_then(|candidates| self.able(candidates, &ask.request))) {
            (Ok(()), candidates) => candidates,
            (Err(errors), Err(Refusal::Invalid(others))) => Err(Refusal::Invalid(both(errors, others))),
            (Err(errors), _) => Err(Refusal::Invalid(errors)),
        }
    }

    /// Asks the providers.
    pub(super) async fn answer(
        &self,
        ctx: &CallContext,
        scope: &WorkspaceScope,
        ask: &Ask,
        candidates: &[Candidate],
    ) -> Result<Answer, Refusal> {
        let booking = booking(ctx, scope, ask, Operation::Generate, candidates);
        let mut call = self.hold(booking, candidates).await?;
        let (place, reply) =
            match self.ask(&mut call, candidates, &Whole(Question::new(&ask.request, candidates))).await {
                Ok(answered) => answered,
                Err(failure) => {
                    call.unanswered(&failure).await;
                    return Err(Refusal::of(&failure));
                }
            };
        let candidate = &candidates[place];
        let said = (reply.tier, reply.served_by.clone());
        let taken = call.taken(candidate, reply.usage, said, length_of(&reply));
        call.says(&reply);
        let row = call.answered(CallEnd::Answered(reply.finish), taken).await;
        Ok(Answer {
            call: row.head.id,
            source: candidate.source(),
            usage: row.usage,
            cost: row.cost,
            is_cached: false,
            is_estimated: row.is_estimated,
            reply,
        })
    }
}

/// What the dearest answer to the question takes, by our own count.
pub(super) fn booking<'a>(
    ctx: &'a CallContext,
    scope: &'a WorkspaceScope,
    ask: &'a Ask,
    operation: Operation,
    candidates: &[Candidate],
) -> Booking<'a> {
    // Whether a provider counts thinking into the longest output is not known.
    let longest = |candidate: &Candidate| {
        let thinking = ask.request.thinking_for(&candidate.model).unwrap_or(0);
        u64::from(ask.request.output_for(&candidate.model)) + u64::from(thinking)
    };
    let output_tokens = candidates.iter().map(longest).max().unwrap_or(0);
    let input_tokens = ask.request.estimated_input();
    let request = Some(&ask.request);
    Booking { ctx, scope, operation, run: ask.run, input_tokens, output_tokens, request }
}

/// How many bytes of an answer cost.
pub(super) fn length_of(reply: &Reply) -> usize {
    let length = |part: &Part| match part {
        Part::Text(text) | Part::Thought { text, .. } => text.len(),
        Part::ToolCall { name, arguments, .. } => name.len() + arguments.to_string().len(),
        Part::ToolResult { .. } => 0,
    };
    reply.parts.iter().map(length).sum()
}

/// The schemas must be some: of the answer, and of what each tool takes.
fn check_schemas(request: &ModelRequest) -> Result<(), FieldErrors> {
    let answer = request.schema.iter().map(|schema| ("/schema".to_owned(), schema));
    let tools = request.tools.iter().enumerate();
    let tools = tools.map(|(place, tool)| (format!("/tools/{place}/parameters"), &tool.parameters));
    let mut check = Checker::default();
    for (pointer, schema) in answer.chain(tools) {
        if let Some(wrong) = wrong_in(schema) {
            check.rule(&pointer, false, "invalid_schema", wrong);
        }
    }
    check.finish()
}

fn wrong_in(schema: &Value) -> Option<String> {
    if !schema.is_object() {
        return Some("must be a JSON schema, an object".to_owned());
    }
    // It is made a validator as well: a reference that leads nowhere would be found after the answer was paid for.
    let usable = jsonschema::meta::validate(schema)
        .map_err(|error| error.to_owned())
        .and_then(|()| jsonschema::validator_for(schema).map_err(|error| error.to_owned()));
    usable.err().map(|error| format!("is no JSON schema: {} at {}", error, error.instance_path()))
}

fn both(errors: FieldErrors, others: FieldErrors) -> FieldErrors {
    let mut check = Checker::default();
    check.merge::<()>(Err(errors.clone()));
    check.merge::<()>(Err(others));
    check.finish().err().unwrap_or(errors)
}

/// The reply, if it is what the schema asks for. One that was cut short or wants tools called can't be yet.
pub(super) fn whole_answer(reply: Reply, schema: Option<&Value>) -> Result<Reply, ModelFailure> {
    let Some(schema) = schema.filter(|_| reply.is_cacheable()) else { return Ok(reply) };
    let unfit = |why: String| ModelFailure::new(FailureKind::Unavailable, why).charged(reply.usage);
    let data: Value = serde_json::from_str(&reply.text()).map_err(|e| unfit(format!("no JSON came: {e}")))?;
    let validator =
        jsonschema::validator_for(schema).map_err(|e| unfit(format!("the schema is none: {e}")))?;
    match validator.validate(&data) {
        Ok(()) => Ok(reply),
        Err(error) => Err(unfit(format!("the answer is not as the schema asks: {}", error.instance_path()))),
    }
}
