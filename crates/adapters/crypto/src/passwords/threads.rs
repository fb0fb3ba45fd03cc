//! The threads that hash.

use argon2::Block;
use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError, mpsc},
};

/// What a hash works in.
pub(super) type Memory = Vec<Block>;

type Work = Box<dyn FnOnce(&mut Memory) + Send>;

/// A few threads that do nothing else. Each has one block of memory and works in it again and again: allocated each time,
/// it stayed behind in the allocator's arena of every thread that ever hashed, 57 MiB in each (measured: 1 GiB after some
/// hundred logins on two cores). They give it back when nobody waits for a hash.
///
/// A hash takes all of a core for 20 ms, so these threads let others go first (on Linux, where a thread has a priority of its
/// own): a flood of logins then costs logins time, and hardly anybody else (`docs/performance.md`, P9).
#[derive(Clone)]
pub(super) struct Threads(mpsc::Sender<Work>);

impl Threads {
    /// How much others go first, in the nice values of POSIX, of which 19 is the most.
    #[cfg(target_os = "linux")]
    const NICENESS: i32 = 10;

    /// So many; they end with the last clone.
    pub(super) fn start(count: usize) -> Self {
        let (work, waiting) = mpsc::channel::<Work>();
        let waiting = Arc::new(Mutex::new(waiting));
        for n in 0..count {
            let waiting = Arc::clone(&waiting);
            let thread = std::thread::Builder::new().name(format!("hash-{n}"));
            if let Err(error) = thread.spawn(move || Self::work_on(&waiting)) {
                tracing::error!(%error, "a thread for hashes could not be started");
            }
        }
        Self(work)
    }

    fn work_on(waiting: &Mutex<mpsc::Receiver<Work>>) {
        #[cfg(target_os = "linux")]
        if let Err(error) =
            rustix::process::setpriority_process(Some(rustix::thread::gettid()), Self::NICENESS)
        {
            tracing::warn!(%error, "hashes have the priority of everything else");
        }
        let mut memory = Memory::new();
        loop {
            let Some(work) = next(waiting, &mut memory) else { return };
            // Who waits for it hears that nothing came of it.
            if std::panic::catch_unwind(AssertUnwindSafe(|| work(&mut memory))).is_err() {
                memory = Memory::new();
            }
        }
    }

    /// Has it done by the next thread that is free; `false` when there is none at all.
    pub(super) fn give(&self, work: impl FnOnce(&mut Memory) + Send + 'static) -> bool {
        self.0.send(Box::new(work)).is_ok()
    }
}

/// The next one. Who has to wait for it needs no memory meanwhile.
fn next(waiting: &Mutex<mpsc::Receiver<Work>>, memory: &mut Memory) -> Option<Work> {
    // Nobody holds the lock for long but who waits for work; then there is none.
    if let Ok(waiting) = waiting.try_lock()
        && let Ok(work) = waiting.try_recv()
    {
        return Some(work);
    }
    *memory = Memory::new();
    waiting.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked<T: Send + 'static>(
        threads: &Threads,
        work: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> Option<T> {
        let (tell, told) = mpsc::channel();
        assert!(threads.give(move |memory| drop(tell.send(work(memory)))));
        told.recv().ok()
    }

    #[test]
    fn memory_is_kept_while_work_waits_and_a_panic_ends_no_thread() {
        let threads = Threads::start(1);
        let (begin, begun) = mpsc::channel::<()>();
        let (tell, told) = mpsc::channel();
        assert!(threads.give(move |memory| {
            let _ = begun.recv();
            memory.resize(3, Block::default());
        }));
        assert!(threads.give(move |memory| tell.send(memory.len()).unwrap()));
        drop(begin);
        assert_eq!(told.recv(), Ok(3));
        assert_eq!(asked(&threads, |_| -> u8 { panic!("a defect") }), None);
        while asked(&threads, |memory| memory.capacity()) != Some(0) {}
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn others_go_first_and_only_before_them() {
        let own = || rustix::process::getpriority_process(Some(rustix::thread::gettid())).unwrap();
        let before = own();
        assert_eq!(asked(&Threads::start(1), move |_| own()), Some((before + 10).min(19)));
        assert_eq!(own(), before);
    }
}
