//! `testbed fault`: makes a running playground hostile, and kind again.

use std::process::ExitCode;

use testbed::{Error, Fault, Manners, Match};

use super::arguments::Switch;

/// Lists the faults, or switches.
pub(crate) async fn fault(endpoint: Option<&str>, switch: &Switch) -> Result<ExitCode, Error> {
    let Some(endpoint) = endpoint else {
        if matches!(switch, Switch::List) {
            Fault::all().iter().for_each(|fault| print(fault, ""));
            return Ok(ExitCode::SUCCESS);
        }
        return Err(Error::unexpected("AWS_ENDPOINT_URL as `testbed up` prints it, or --endpoint", "neither"));
    };
    let manners = Manners::new(endpoint);
    match switch {
        Switch::List => {
            let active = manners.rules().await?;
            for fault in Fault::all() {
                let on = active.iter().filter(|active| active.rule.name == fault.name);
                let scopes: Vec<&str> = on.map(|on| on.rule.matching.function.as_deref().unwrap_or("all")).collect();
                let mark = scopes.first().map(|scope| format!("ON for {scope}: ")).unwrap_or_default();
                print(&fault, &mark);
            }
        }
        Switch::On { name, function } => {
            let scope = Match { function: function.clone(), ..Match::default() };
            manners.switch_on(name, &scope).await?;
            println!("{name} is on; it ends with `testbed fault off {name}`");
        }
        Switch::Off { name } => {
            manners.switch_off(name.as_deref(), &Match::default()).await?;
            println!(
                "{} off",
                name.as_deref().map_or_else(|| "every fault is".to_owned(), |name| format!("{name} is"))
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn print(Fault { name, description, rules: _ }: &Fault, mark: &str) {
    println!("{name:<46} {mark}{description}");
}
