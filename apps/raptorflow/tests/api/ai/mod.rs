//! Language models, asked over HTTP: a fake provider answers.

mod analytics;
mod asking;
mod leaving;
mod openai;
mod own_keys;
mod spending;
mod world;
