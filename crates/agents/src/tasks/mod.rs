//! Agent tasks: each is a typed input, an output, and a rule-based baseline that needs no model.
//!
//! To add a task: a module with its input and output types, its prompt and schema, and a `baseline` that is a pure
//! function of the input; tests beside the code.

pub mod strategy;
