//! The strategy task as a whole: two invented businesses, poor contexts, and the rules that hold for any input.

mod data_files;
mod fixtures;
mod properties;
mod stories;
