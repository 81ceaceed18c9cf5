//! Metrics of the process itself, under the names that every Prometheus client uses. They are read from /proc by hand, because they
//! are four numbers and a crate for them would read the rest of /proc as well.

use std::time::{Duration, SystemTime};

use prometheus_client::registry::Registry;

use super::metrics::{Family, Kind, Series};

/// Resident memory.
pub const MEMORY: Family = Family::new("process_resident_memory_bytes", Kind::Gauge, &[], "Resident memory in bytes");
/// CPU time.
pub const CPU: Family =
    Family::new("process_cpu_seconds_total", Kind::Counter, &[], "CPU time in seconds, user and system together");
/// Open files and sockets.
pub const FILES: Family = Family::new("process_open_fds", Kind::Gauge, &[], "Open files and sockets");
/// Start time.
pub const STARTED: Family = Family::new(
    "process_start_time_seconds",
    Kind::Gauge,
    &[],
    "Start time of the process in seconds since the Unix epoch",
);

/// Clock ticks per second in /proc: 100 on every architecture that Rust's standard library supports.
const TICKS_PER_SECOND: f64 = 100.0;

/// Registers the metrics. A number that /proc does not provide is left out.
pub fn register(registry: &mut Registry) {
    let started = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).as_ref().map_or(0.0, Duration::as_secs_f64);
    STARTED.reads(registry, move || one(Some(started)));
    MEMORY.reads(registry, || one(std::fs::read_to_string("/proc/self/status").ok().as_deref().and_then(memory)));
    CPU.reads(registry, || one(std::fs::read_to_string("/proc/self/stat").ok().as_deref().and_then(cpu)));
    FILES.reads(registry, || one(std::fs::read_dir("/proc/self/fd").ok().map(files)));
}

fn one(value: Option<f64>) -> Vec<Series> {
    value.map(|value| (Vec::new(), value)).into_iter().collect()
}

fn memory(status: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes * 1024.0)
}

/// The fields after the program's name, beginning with the third. The name itself can contain spaces and brackets.
fn cpu(stat: &str) -> Option<f64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut times = fields.split_whitespace().skip(14 - 3).map(str::parse::<f64>);
    let (user, system) = (times.next()?.ok()?, times.next()?.ok()?);
    Some((user + system) / TICKS_PER_SECOND)
}

fn files(entries: std::fs::ReadDir) -> f64 {
    // One of the files is the folder that is being read.
    entries.flatten().fold(-1.0, |count, _| count + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_own_texts_are_read() {
        assert_eq!(memory("Name:\tx\nVmRSS:\t    1234 kB\nVmData:\t1 kB\n"), Some(1_263_616.0));
        let stat = "7 (a (b) c) S 1 7 7 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 3 0 12345 1000 200";
        assert_eq!(cpu(stat), Some(3.0));
        assert_eq!(cpu("nonsense"), None);
    }
}
