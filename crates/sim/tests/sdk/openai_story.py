"""The official SDK of OpenAI against the simulator: python openai_story.py URL KEY, where URL ends in /v1"""

import json
import math
import sys
import urllib.request

import openai
from pydantic import BaseModel

URL, KEY = sys.argv[1:3]
MODEL = "gpt-5-mini"
client = openai.OpenAI(base_url=URL, api_key=KEY, max_retries=2)
once = client.with_options(max_retries=0)
HELLO = {"model": MODEL, "messages": [{"role": "user", "content": "Hello there"}]}


def script(text):
    root = URL.removesuffix("/v1")
    urllib.request.urlopen(urllib.request.Request(f"{root}/__sim/faults", data=text.encode(), method="POST")).read()


def raises(kind, call, **about):
    try:
        call()
    except kind as error:
        assert type(error) is kind, f"{type(error).__name__} instead of {kind.__name__}"
        for name, value in about.items():
            assert getattr(error, name) == value, f"{name}: {getattr(error, name)}"
        return error
    raise AssertionError(f"{kind.__name__} expected")


# A completion, whole and streamed.
whole = client.chat.completions.create(**HELLO)
assert whole.choices[0].finish_reason == "stop" and "Hello there" in whole.choices[0].message.content
chunks = list(client.chat.completions.create(**HELLO, stream=True, stream_options={"include_usage": True}))
text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
assert text == whole.choices[0].message.content
assert chunks[-1].choices == [] and chunks[-1].usage == whole.usage
with client.chat.completions.stream(**HELLO) as stream:
    final = stream.get_final_completion()
assert final.choices[0].message.content == text


# JSON by schema.
class Call(BaseModel):
    name: str
    count: int
    tags: list[str]


parsed = client.chat.completions.parse(**HELLO, response_format=Call)
assert isinstance(parsed.choices[0].message.parsed, Call)
loose = {"name": "out", "strict": True, "schema": {"type": "object", "properties": {"x": {"type": "string"}}}}
raises(openai.BadRequestError, lambda: once.chat.completions.create(**HELLO, response_format={"type": "json_schema", "json_schema": loose}))

# Tools.
PARAMETERS = {"type": "object", "properties": {"q": {"type": "string"}}, "required": ["q"], "additionalProperties": False}
TOOLS = [{"type": "function", "function": {"name": "find_call", "strict": True, "parameters": PARAMETERS}}]
first = client.chat.completions.create(**HELLO, tools=TOOLS)
call = first.choices[0].message.tool_calls[0]
assert first.choices[0].finish_reason == "tool_calls" and isinstance(json.loads(call.function.arguments)["q"], str)
with client.chat.completions.stream(**HELLO, tools=TOOLS) as stream:
    streamed = stream.get_final_completion().choices[0].message.tool_calls[0]
assert streamed.function.arguments == call.function.arguments
last = client.chat.completions.create(
    model=MODEL,
    tools=TOOLS,
    messages=HELLO["messages"] + [first.choices[0].message, {"role": "tool", "tool_call_id": call.id, "content": "two calls"}],
)
assert "two calls" in last.choices[0].message.content

# The cache works by itself.
long = dict(HELLO, messages=[{"role": "system", "content": "Judge fairly. " * 500}, *HELLO["messages"]])
cached = [client.chat.completions.create(**long).usage.prompt_tokens_details.cached_tokens for _ in range(2)]
assert cached[0] == 0 and cached[1] >= 1024, cached

# Models and embeddings; the SDK asks for base64 by itself.
assert MODEL in [model.id for model in client.models.list()]
raises(openai.NotFoundError, lambda: client.models.retrieve("no-such"))
texts = ["the price is high", "penguins swim", "the price is high"]
found = client.embeddings.create(model="text-embedding-3-small", input=texts)
vectors = {entry.index: entry.embedding for entry in found.data}
assert [entry.index for entry in found.data] != [0, 1, 2]
assert vectors[0] == vectors[2] != vectors[1] and len(vectors[0]) == 1536
assert abs(math.sqrt(sum(x * x for x in vectors[1])) - 1) < 1e-5
plain = client.embeddings.create(model="text-embedding-3-small", input=texts[0], encoding_format="float")
assert all(abs(a - b) < 1e-6 for a, b in zip(plain.data[0].embedding, vectors[0]))

# Errors by their classes.
raises(openai.AuthenticationError, lambda: openai.OpenAI(base_url=URL, api_key="wrong").chat.completions.create(**HELLO), code="invalid_api_key")
raises(openai.NotFoundError, lambda: once.chat.completions.create(**dict(HELLO, model="no-such")), code="model_not_found")
raises(openai.BadRequestError, lambda: once.chat.completions.create(**HELLO, extra_body={"surprise": 1}))
for status, kind in [
    (403, openai.PermissionDeniedError),
    (409, openai.ConflictError),
    (422, openai.UnprocessableEntityError),
    (429, openai.RateLimitError),
    (500, openai.InternalServerError),
    (503, openai.InternalServerError),
]:
    raises(kind, lambda: once.chat.completions.create(**HELLO, extra_headers={"x-sim-fault": f"status={status}"}), status_code=status)
raises(openai.RateLimitError, lambda: once.chat.completions.create(**HELLO, extra_headers={"x-sim-fault": "quota"}), code="insufficient_quota")
raises(openai.APIConnectionError, lambda: once.chat.completions.create(**HELLO, extra_headers={"x-sim-fault": "reset"}))
raises(openai.APITimeoutError, lambda: once.with_options(timeout=0.3).chat.completions.create(**HELLO, extra_headers={"x-sim-fault": "delay=3000"}))
broken = once.chat.completions.create(**HELLO, stream=True, extra_headers={"x-sim-fault": "error-in-stream=server_error"})
raises(openai.APIError, lambda: list(broken))
refused = once.chat.completions.create(**HELLO, extra_headers={"x-sim-fault": "refusal"})
assert refused.choices[0].message.refusal and refused.choices[0].message.content is None
cut = {"x-sim-fault": "max-tokens"}
raises(openai.LengthFinishReasonError, lambda: once.chat.completions.parse(**HELLO, response_format=Call, extra_headers=cut))

# What fails is asked again, twice at most.
script("status=500;retry-after-ms=1\nstatus=429;retry-after-ms=1\npass")
assert client.chat.completions.create(**HELLO).choices[0].message.content == text
script("\n".join(["status=503;retry-after-ms=1"] * 3))
raises(openai.InternalServerError, lambda: client.chat.completions.create(**HELLO), status_code=503)
script("")
print(f"openai {openai.__version__}: fine")
