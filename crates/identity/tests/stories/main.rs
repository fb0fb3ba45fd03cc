//! Stories of people who sign up, come in, stay and leave, told over a store in memory.

#[cfg(test)]
mod change;
#[cfg(test)]
mod external;
mod log_in;
mod mails;
#[cfg(test)]
mod operator;
mod refresh;
#[cfg(test)]
mod reset_password;
#[cfg(test)]
mod second_factor;
#[cfg(test)]
mod secrets;
mod sign_up;
#[cfg(test)]
mod store;
#[cfg(test)]
mod world;
