"""Keeps the login of the run alive: what the run finds by listing users and logins is also who it is itself. Whoever removes or changes that user, or
ends that login, is answered 401 from then on and checks nothing more. Such requests go to an id that is nobody's.

It also makes each good Idempotency-Key one of its own: a key that was used before rightly gets the old answer, about a thing that may be gone."""

import base64
import json
import os
import uuid

import schemathesis

_claims = os.environ["SIDELINE_TOKEN"].split(".")[1]
_claims = json.loads(base64.urlsafe_b64decode(_claims + "=" * (-len(_claims) % 4)))
OWN = {_claims["sub"], _claims["sid"]}


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.method.upper() in {"DELETE", "PATCH"} and str((case.path_parameters or {}).get("id")).lower() in OWN:
        case.path_parameters["id"] = str(uuid.UUID(int=0))
    key = (case.headers or {}).get("Idempotency-Key")
    if key and len(str(key)) <= 150:
        case.headers["Idempotency-Key"] = f"{key}{uuid.uuid4()}"
