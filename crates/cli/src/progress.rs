//! How far a simulation is, on a terminal; and what an interrupt does: the run stops and gives what it has.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use loadcase_engine::{Follow, Progress, Watching};

/// How often the bar is looked at.
const LOOKS: Duration = Duration::from_millis(100);
/// Runs shorter than this show nothing.
const PATIENCE: Duration = Duration::from_millis(400);

/// Follows a simulation until it ends.
pub(crate) struct Following {
    watch: Arc<Watching>,
    bar: ProgressBar,
    /// Milliseconds that had been simulated when the step began.
    since: Arc<AtomicU64>,
    over: Arc<AtomicBool>,
    thread: Mutex<Option<std::thread::JoinHandle<()>>>,
}

impl Following {
    /// Begins to follow; from now on an interrupt stops the simulation and not the program.
    pub(crate) fn start() -> Self {
        let watch = Arc::new(Watching::new());
        let stopped = Arc::clone(&watch);
        // Without a handler an interrupt ends the program, as it always does.
        let _ = ctrlc::set_handler(move || stopped.stop());
        let bar = ProgressBar::with_draw_target(Some(1), ProgressDrawTarget::stderr());
        let form = "{bar:24} {pos}/{len} s simulated, {elapsed} | {wide_msg}";
        bar.set_style(ProgressStyle::with_template(form).unwrap_or_else(|_| ProgressStyle::default_bar()));
        let (since, over) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let thread = std::thread::spawn(looks(&watch, &bar, &since, &over));
        Self { watch, bar, since, over, thread: Mutex::new(Some(thread)) }
    }

    /// Runs something that can be followed.
    pub(crate) fn follow<T>(&self, run: impl FnOnce(Follow<'_>) -> T) -> T {
        let tell = |step: &Progress<'_>| self.told(step);
        let result = run(Follow { watch: &self.watch, tell: &tell });
        self.over.store(true, Ordering::Relaxed);
        let thread = self.thread.lock().ok().and_then(|mut t| t.take());
        if let Some(thread) = thread {
            thread.thread().unpark();
            // It only looks; it cannot have failed.
            let _ = thread.join();
        }
        self.bar.finish_and_clear();
        result
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds of a run are few")]
    fn told(&self, step: &Progress<'_>) {
        self.since.store((self.watch.simulated() * 1e3) as u64, Ordering::Relaxed);
        let trying = step.trying.map_or(String::new(), |t| format!(", trying {t}"));
        let best = step.best.map_or(String::new(), |b| format!(", best so far {:.1}% in time", b * 100.0));
        let (done, all) = step.done;
        self.bar.set_message(format!(
            "{} ({} of {all}){trying}{best}; Ctrl-C stops",
            step.scenario,
            done + 1
        ));
        self.bar.set_length(step.seconds.max(1.0) as u64);
        self.bar.set_position(0);
    }
}

/// Moves the bar from time to time.
fn looks(
    watch: &Arc<Watching>,
    bar: &ProgressBar,
    since: &Arc<AtomicU64>,
    over: &Arc<AtomicBool>,
) -> impl FnOnce() + Send + use<> {
    let (watch, bar, since, over) = (Arc::clone(watch), bar.clone(), Arc::clone(since), Arc::clone(over));
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds of a run are few")]
    move || {
        std::thread::park_timeout(PATIENCE);
        while !over.load(Ordering::Relaxed) {
            let before = since.load(Ordering::Relaxed) as f64 / 1e3;
            bar.set_position((watch.simulated() - before).max(0.0) as u64);
            std::thread::park_timeout(LOOKS);
        }
    }
}
