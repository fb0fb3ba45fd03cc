//! The journal of a run while it is executed.

use crate::{AgentStep, Result, StepName, StepStatus};
use kernel::StoreError;
use serde::de::DeserializeOwned;

/// The steps that have results, in order.
pub(super) struct Journal(Vec<AgentStep>);

impl Journal {
    pub(super) fn of(mut steps: Vec<AgentStep>) -> Self {
        steps.retain(|step| step.status == StepStatus::Completed);
        Self(steps)
    }

    pub(super) fn has(&self, number: i32) -> bool {
        self.0.iter().any(|step| step.number == number)
    }

    pub(super) fn add(&mut self, step: AgentStep) {
        self.0.push(step);
    }

    /// The first of `steps` that has no result, with its number.
    pub(super) fn next_of(&self, steps: &[StepName]) -> Option<(i32, StepName)> {
        (1..).zip(steps.iter().copied()).find(|(number, _)| !self.has(*number))
    }

    /// What came into a step from outside, read back.
    pub(super) fn input<T: DeserializeOwned>(&self, name: StepName) -> Result<T> {
        let step = self.step(name)?;
        let input = step.input.clone().ok_or_else(|| corrupt(name, "has no input"))?;
        serde_json::from_value(input).map_err(|error| corrupt(name, &error.to_string()).into())
    }

    /// The result of a step, read back.
    pub(super) fn output<T: DeserializeOwned>(&self, name: StepName) -> Result<T> {
        let step = self.step(name)?;
        serde_json::from_value(step.output.clone()).map_err(|error| corrupt(name, &error.to_string()).into())
    }

    fn step(&self, name: StepName) -> Result<&AgentStep> {
        self.0.iter().find(|step| step.name == name).ok_or_else(|| corrupt(name, "is missing").into())
    }
}

fn corrupt(name: StepName, what: &str) -> StoreError {
    StoreError::Corrupt(format!("the journal's step {} {what}", name.name()))
}
