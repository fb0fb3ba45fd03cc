//! Campaigns, their moves, the day's wins and the council, over HTTP: what each route answers and whom it refuses.

mod council;
mod jobs;
mod making;
mod moves;
mod phases;
mod refusals;
mod runs;
mod scene;
mod story;
mod wins;
