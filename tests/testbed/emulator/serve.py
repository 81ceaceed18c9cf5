"""Starts ministack with a transition delay of our choosing: how long a function is Pending or InProgress."""

import os
import threading

import ministack.services.lambda_svc as lambda_svc

# ministack has no settings for what follows; the names exist as long as requirements.txt pins this version.
DELAY = float(os.environ["TESTBED_TRANSITION_SECONDS"])
lambda_svc._LAMBDA_STATE_TRANSITION_DELAY = DELAY


def take_snapshot(_name, version):
    """A SnapStart version is ready after the same delay, whatever its code is; ministack would start a process for it."""

    def ready():
        version["config"].update(State="Active", StateReason="", StateReasonCode="", LastUpdateStatus="Successful")

    timer = threading.Timer(DELAY, ready)
    timer.daemon = True
    timer.start()


lambda_svc._snapstart_provision_version_async = take_snapshot


def remembering_what_was_published(operation):
    """A version that Create or UpdateFunctionCode published is found again by PublishVersion, as at AWS."""

    def remembering(*arguments):
        answer = operation(*arguments)
        first = arguments[0]
        name = first.get("FunctionName") if isinstance(first, dict) else first
        function = lambda_svc._functions.get(lambda_svc._resolve_request_scoped_name(name or ""))
        for version in (function or {}).get("versions", {}).values():
            version.setdefault("function_revision", function["config"]["RevisionId"])
        return answer

    return remembering


def by_arn(create):
    """CreateFunction takes an ARN for a name, as every call does at AWS."""

    def creating(data):
        return create({**data, "FunctionName": lambda_svc._resolve_request_scoped_name(data.get("FunctionName") or "")})

    return creating


lambda_svc._create_function = by_arn(lambda_svc._create_function)
lambda_svc._create_function = remembering_what_was_published(lambda_svc._create_function)
lambda_svc._update_code = remembering_what_was_published(lambda_svc._update_code)

from ministack.app import main  # noqa: E402 (after the changes above)

main()
