"""Starts ministack with a transition delay of our choosing: how long a function is Pending or InProgress."""

import os

import ministack.services.lambda_svc as lambda_svc

# ministack has no setting for it; the name exists as long as requirements.txt pins this version.
lambda_svc._LAMBDA_STATE_TRANSITION_DELAY = float(os.environ["TESTBED_TRANSITION_SECONDS"])

from ministack.app import main  # noqa: E402 (after the delay is set)

main()
