"""The official SDK of Anthropic against the simulator: python anthropic_story.py URL KEY"""

import json
import sys
import time
import urllib.request

import anthropic

URL, KEY = sys.argv[1:3]
MODEL = "claude-sonnet-5-5"
client = anthropic.Anthropic(base_url=URL, api_key=KEY, max_retries=2)
once = client.with_options(max_retries=0)
HELLO = {"model": MODEL, "max_tokens": 200, "messages": [{"role": "user", "content": "Hello there"}]}
SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "count": {"type": "integer"}, "tags": {"type": "array", "items": {"type": "string"}}},
    "required": ["name", "count", "tags"],
    "additionalProperties": False,
}


def script(text):
    urllib.request.urlopen(urllib.request.Request(f"{URL}/__sim/faults", data=text.encode(), method="POST")).read()


def raises(kind, call, **about):
    try:
        call()
    except kind as error:
        assert type(error) is kind, f"{type(error).__name__} instead of {kind.__name__}"
        for name, value in about.items():
            assert getattr(error, name) == value, f"{name}: {getattr(error, name)}"
        return error
    raise AssertionError(f"{kind.__name__} expected")


# A message, whole and streamed.
whole = client.messages.create(**HELLO)
assert whole.stop_reason == "end_turn" and "Hello there" in whole.content[0].text, whole
assert whole._request_id.startswith("req_")
with client.messages.stream(**HELLO) as stream:
    text = "".join(stream.text_stream)
    final = stream.get_final_message()
assert text == whole.content[0].text == final.content[0].text
assert final.usage.output_tokens == whole.usage.output_tokens and final.stop_reason == "end_turn"
kinds = [event.type for event in client.messages.create(**HELLO, stream=True)]
assert kinds[0] == "message_start" and kinds[-1] == "message_stop", kinds

# Thinking.
thought = client.messages.create(**HELLO, thinking={"type": "adaptive"})
assert [block.type for block in thought.content] == ["thinking", "text"]
with client.messages.stream(**HELLO, thinking={"type": "adaptive"}) as stream:
    assert stream.get_final_message().content[0].thinking == thought.content[0].thinking

# JSON by schema.
answer = client.messages.create(**HELLO, output_config={"format": {"type": "json_schema", "schema": SCHEMA}})
assert set(json.loads(answer.content[0].text)) == {"name", "count", "tags"}

# Tools.
TOOL = {"name": "find_call", "description": "Finds calls.", "input_schema": {"type": "object", "properties": {"q": {"type": "string"}}, "required": ["q"]}}
first = client.messages.create(**HELLO, tools=[TOOL], tool_choice={"type": "auto"})
call = next(block for block in first.content if block.type == "tool_use")
assert first.stop_reason == "tool_use" and isinstance(call.input["q"], str)
with client.messages.stream(**HELLO, tools=[TOOL]) as stream:
    streamed = next(block for block in stream.get_final_message().content if block.type == "tool_use")
assert streamed.input == call.input
last = client.messages.create(
    model=MODEL,
    max_tokens=100,
    tools=[TOOL],
    messages=HELLO["messages"]
    + [
        {"role": "assistant", "content": first.content},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": call.id, "content": "two calls"}]},
    ],
)
assert last.stop_reason == "end_turn" and "two calls" in last.content[0].text

# The cache of prefixes, and counting.
cached = dict(HELLO, system=[{"type": "text", "text": "Judge fairly. " * 400, "cache_control": {"type": "ephemeral", "ttl": "1h"}}])
usages = [client.messages.create(**cached).usage for _ in range(2)]
assert usages[0].cache_creation.ephemeral_1h_input_tokens == usages[1].cache_read_input_tokens > 1024, usages
counted = client.messages.count_tokens(model=MODEL, messages=cached["messages"], system=cached["system"])
assert counted.input_tokens == usages[1].input_tokens + usages[1].cache_read_input_tokens

# Models, page by page.
models = [model.id for model in client.models.list(limit=4)]
assert MODEL in models and len(models) > 8 and len(set(models)) == len(models), models
assert client.models.retrieve(MODEL).id == MODEL

# A batch.
params = {"model": MODEL, "max_tokens": 50, "messages": HELLO["messages"]}
batch = client.messages.batches.create(
    requests=[{"custom_id": f"call-{n}", "params": params} for n in range(4)],
    extra_headers={"x-sim-fault": "errored=call-1;expired=call-2"},
)
polls = 0
while batch.processing_status != "ended":
    assert batch.request_counts.processing == 4
    polls += 1
    assert polls < 200, "the batch does not end"
    time.sleep(0.02)
    batch = client.messages.batches.retrieve(batch.id)
assert polls > 2
results = {entry.custom_id: entry.result for entry in client.messages.batches.results(batch.id)}
assert {name: result.type for name, result in results.items()} == {
    "call-0": "succeeded", "call-1": "errored", "call-2": "expired", "call-3": "succeeded",
}
assert results["call-0"].message.content[0].text == whole.content[0].text
assert [entry.id for entry in client.messages.batches.list(limit=1)] == [batch.id]
client.messages.batches.delete(batch.id)
other = client.messages.batches.create(requests=[{"custom_id": "a", "params": params}])
assert client.messages.batches.cancel(other.id).processing_status == "canceling"

# Errors by their classes.
raises(anthropic.AuthenticationError, lambda: anthropic.Anthropic(base_url=URL, api_key="wrong").messages.create(**HELLO), status_code=401)
raises(anthropic.NotFoundError, lambda: once.messages.create(**dict(HELLO, model="claude-imaginary")))
raises(anthropic.BadRequestError, lambda: once.messages.create(**HELLO, extra_body={"temperature": 1}))
raises(anthropic.BadRequestError, lambda: once.messages.create(**HELLO, extra_body={"surprise": 1}))
for status, kind in [
    (403, anthropic.PermissionDeniedError),
    (409, anthropic.ConflictError),
    (422, anthropic.UnprocessableEntityError),
    (429, anthropic.RateLimitError),
    (500, anthropic.InternalServerError),
]:
    raises(kind, lambda: once.messages.create(**HELLO, extra_headers={"x-sim-fault": f"status={status}"}), status_code=status)
overloaded = None
try:
    once.messages.create(**HELLO, extra_headers={"x-sim-fault": "status=529"})
except anthropic.InternalServerError as error:
    overloaded = error
assert overloaded is not None and overloaded.status_code == 529
raises(anthropic.APIConnectionError, lambda: once.messages.create(**HELLO, extra_headers={"x-sim-fault": "reset"}))
raises(anthropic.APITimeoutError, lambda: once.with_options(timeout=0.3).messages.create(**HELLO, extra_headers={"x-sim-fault": "delay=3000"}))
try:
    for _ in once.messages.create(**HELLO, stream=True, extra_headers={"x-sim-fault": "error-in-stream=overloaded_error"}):
        pass
    raise AssertionError("an error in the stream was expected")
except anthropic.APIStatusError as error:
    assert "overloaded_error" in str(error.body), error.body
refused = once.messages.create(**HELLO, extra_headers={"x-sim-fault": "refusal"})
assert refused.stop_reason == "refusal" and refused.stop_details.category == "general_harms"

# What is overloaded is asked again, twice at most.
script("status=529;retry-after-ms=1\nstatus=529;retry-after-ms=1\npass")
assert client.messages.create(**HELLO).content[0].text == whole.content[0].text
script("\n".join(["status=529;retry-after-ms=1"] * 3))
try:
    client.messages.create(**HELLO)
    raise AssertionError("three failures are one too many")
except anthropic.InternalServerError as error:
    assert error.status_code == 529
script("status=429;retry-after-ms=1;x-should-retry=false\nstatus=500")
raises(anthropic.RateLimitError, lambda: client.messages.create(**HELLO))
script("")
print(f"anthropic {anthropic.__version__}: fine")
