//! The troubled time: one thing after the other, chosen by the seed, ten a second.

use std::time::{Duration, Instant};

use fastrand::Rng;
use testbed::Operator;

use crate::arguments;
use crate::faults::Faults;
use crate::subject::Subject;
use support::chain::Meddling;
use support::other_actor;
use support::target::{self, Place};
use support::world::{World, installed, options};

/// Between two things.
const BEAT: Duration = Duration::from_millis(100);

/// Somebody whose change AWS does not take by then gives up: the function is busy, or not there yet.
const SOMEBODYS_PATIENCE: Duration = Duration::from_millis(1500);

/// What a process may grow by while it works: connections, buffers, what the allocator keeps.
const SLACK_KIB: u64 = 12 * 1024;

const MEDDLING: [Meddling; 5] =
    [Meddling::Configuration, Meddling::Environment, Meddling::Code, Meddling::Tags, Meddling::Concurrency];

pub(crate) struct Trouble {
    pub(crate) world: World,
    pub(crate) place: Place,
    pub(crate) subjects: Vec<Subject>,
    pub(crate) edits: usize,
    pub(crate) crashes: usize,
    pub(crate) meddled: usize,
    pub(crate) faults: Faults,
    /// What is wrong with the memory of the process, if anything.
    pub(crate) grown: Option<String>,
    rng: Rng,
}

impl Trouble {
    pub(crate) fn new(world: World, place: Place, subjects: Vec<Subject>, seed: u64) -> Self {
        let (faults, rng) = (Faults::default(), Rng::with_seed(seed));
        Self { world, place, subjects, edits: 0, crashes: 0, meddled: 0, faults, grown: None, rng }
    }

    /// Crashes only in the first half: what is measured of a process's memory needs one that lives.
    pub(crate) async fn run(mut self, lasting: Duration) -> Self {
        for index in 0..self.subjects.len() {
            self.edit(index).await;
        }
        self = self.for_a_while(lasting / 2, true).await;
        self = self.for_a_while(lasting / 8, false).await;
        let rss = |world: &World| {
            world
                .operator
                .rss_kib()
                .unwrap_or_else(|| panic!("/proc has no VmRSS: this test measures memory and needs Linux"))
        };
        let before = rss(&self.world);
        self = self.for_a_while(lasting * 3 / 8, false).await;
        let after = rss(&self.world);
        if after > before * 3 / 2 + SLACK_KIB {
            self.grown = Some(format!("RSS grew from {before} KiB to {after} KiB"));
        }
        self.faults.end(&self.world.manners()).await;
        self
    }

    async fn for_a_while(mut self, lasting: Duration, crashes: bool) -> Self {
        let until = Instant::now() + lasting;
        let mut beat = tokio::time::interval(BEAT);
        while Instant::now() < until {
            beat.tick().await;
            let index = self.rng.usize(..self.subjects.len());
            match self.rng.u8(..100) {
                ..40 => self.edit(index).await,
                40..60 => self.faults.change(&self.world.manners(), &self.world.account, &mut self.rng).await,
                60..66 => self.meddle(index).await,
                66..70 if crashes => self = self.crash().await,
                // A pause, in which something may come to its end.
                _ => {}
            }
        }
        self
    }

    async fn edit(&mut self, index: usize) {
        let subject = &mut self.subjects[index];
        let spec = subject.edit(&self.place);
        self.world.apply(&subject.name, &spec).await;
        self.edits += 1;
    }

    async fn meddle(&mut self, index: usize) {
        let subject = &self.subjects[index];
        let meddling = MEDDLING[self.rng.usize(..MEDDLING.len())];
        let change = other_actor::meddle(&self.world, &subject.name, meddling, subject.kind());
        let done = tokio::time::timeout(SOMEBODYS_PATIENCE, change).await;
        self.meddled += usize::from(done.is_ok_and(|done| done.is_ok()));
    }

    async fn crash(mut self) -> Self {
        let packages = target::packages();
        let packages = packages.to_string_lossy();
        let arguments = [&["--watch-namespace", &self.world.namespace][..], &arguments(&packages)].concat();
        let options = options(installed(&self.world.bed).await, &self.world.account, &arguments);
        self.world.operator.kill().await;
        self.world.operator = Operator::start(&self.world.bed, options).await.unwrap();
        self.crashes += 1;
        self
    }
}
