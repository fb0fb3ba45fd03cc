//! The business context, seen from outside the crate.

#[cfg(test)]
mod answers;
#[cfg(test)]
mod chain;
#[cfg(test)]
mod document;
#[cfg(test)]
mod rivals;
#[cfg(test)]
mod services;
#[cfg(test)]
mod session;
#[cfg(test)]
mod tea_shop;
