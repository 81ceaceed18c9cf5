//! VpcConfig as AWS stores it: an update changes only the members that it names, and a function that has left its VPC shows empty lists.

use serde_json::{Map, Value, json};

use super::refusal::Refusal;

const LISTS: [&str; 2] = ["SubnetIds", "SecurityGroupIds"];
/// The emulator stores this member only if it was sent. It therefore shows whether a function has ever been in a VPC.
const DUAL_STACK: &str = "Ipv6AllowedForDualStack";

/// Completes a CreateFunction: two empty lists mean no VPC.
pub(crate) fn complete_new(request: &mut Value) {
    let Some(Value::Object(sent)) = request.get_mut("VpcConfig") else { return };
    if LISTS.iter().all(|list| is_empty(sent, list)) {
        request["VpcConfig"] = json!({"SubnetIds": [], "SecurityGroupIds": []});
    } else {
        sent.entry(DUAL_STACK).or_insert(Value::Bool(false));
    }
}

/// An update keeps the members that it does not name.
pub(crate) fn complete(request: &mut Value, current: &Value) {
    let Some(Value::Object(sent)) = request.get_mut("VpcConfig") else { return };
    for (member, held) in current.get("VpcConfig").and_then(Value::as_object).into_iter().flatten() {
        if member != "VpcId" {
            sent.entry(member.clone()).or_insert_with(|| held.clone());
        }
    }
    sent.entry(DUAL_STACK).or_insert(Value::Bool(false));
}

/// The refusal if a completed request has only one of the two lists.
pub(crate) fn refusal(completed: &Value) -> Option<Refusal> {
    let vpc = completed.get("VpcConfig")?.as_object()?;
    let [subnets, groups] = LISTS.map(|list| is_empty(vpc, list));
    (subnets != groups).then(|| Refusal::invalid("SubnetIds and SecurityIds must coexist or be both empty list."))
}

/// Corrects answers: the member is absent for a function that was never in a VPC, and empty for one that has left its VPC.
pub(crate) fn show(config: &mut Value) {
    let Value::Object(fields) = config else { return };
    let Some(Value::Object(vpc)) = fields.get_mut("VpcConfig") else { return };
    if !LISTS.iter().all(|list| is_empty(vpc, list)) {
        return;
    }
    if vpc.remove(DUAL_STACK).is_none() {
        fields.remove("VpcConfig");
    }
}

fn is_empty(vpc: &Map<String, Value>, list: &str) -> bool {
    vpc.get(list).and_then(Value::as_array).is_none_or(Vec::is_empty)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{complete, complete_new, refusal, show};

    fn shown(vpc: &Value) -> Option<Value> {
        let mut config = json!({"VpcConfig": vpc});
        show(&mut config);
        config.get("VpcConfig").cloned()
    }

    #[test]
    fn a_function_that_left_its_vpc_shows_empty_lists() {
        let left = json!({"SubnetIds": [], "SecurityGroupIds": [], "VpcId": ""});
        assert_eq!(shown(&left), None, "never in a VPC");
        let mut kept = left.clone();
        kept["Ipv6AllowedForDualStack"] = json!(false);
        assert_eq!(shown(&kept), Some(left));
        let mut new = json!({"VpcConfig": {"SubnetIds": [], "SecurityGroupIds": [], "Ipv6AllowedForDualStack": false}});
        complete_new(&mut new);
        assert_eq!(shown(&new["VpcConfig"]), None);
    }

    #[test]
    fn other_groups_leave_the_subnets() {
        let current = json!({"VpcConfig": {"SubnetIds": ["s"], "SecurityGroupIds": ["g"], "VpcId": "v"}});
        let mut request = json!({"VpcConfig": {"SecurityGroupIds": ["h"]}});
        assert!(refusal(&request).is_some());
        complete(&mut request, &current);
        let whole = json!({"SubnetIds": ["s"], "SecurityGroupIds": ["h"], "Ipv6AllowedForDualStack": false});
        assert_eq!(request["VpcConfig"], whole);
        assert_eq!(refusal(&request), None);
    }
}
