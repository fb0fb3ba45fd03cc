#!/usr/bin/env python3
"""Drives the product with OpenAI's official client, which gets a base URL and a key. The fake is its provider.

    python3 -m venv clients && clients/bin/pip install -r tests/fakes/requirements.txt
    clients/bin/python tests/fakes/openai_client.py [path of the binary fake-models [path of the binary raptorflow]]

A binary without a path is built by cargo. One line a check; it ends at the first that does not hold.
"""

import decimal
import json
import struct
import time

import openai
import pydantic
from playing import BREAKS, CALLS, HALF, PARAMETERS, SAYS, TEXT, check, fake, play, raised, refuses
from product import Owner, product

MODEL = "gpt-6-luna"
EMBEDDER = "text-embedding-3-small"
ASK = {"model": "fast", "messages": [{"role": "user", "content": "Hello"}]}
TOOLS = [{"type": "function", "function": {"name": "weather", "parameters": PARAMETERS}}]
JSON = {"turn": "says", "answer": {"text": '{"city": "Zürich"}'}}
FULL = decimal.Decimal("0.000139")  # 600 tokens at $0.10, 400 of a cache at $0.01 and 150 at $0.50, a million
# What each call must have left in the ledger: what was asked for, how it ended, and its cost.
LEFT = []


class City(pydantic.BaseModel):
    city: str


def told(operation, answer, end="answered"):
    """Notes what the answer says that it cost, for the ledger."""
    LEFT.append((operation, end, decimal.Decimal(answer.usage.cost_usd)))
    return answer


def refused(act):
    """What the client's error says: the status, our code, OpenAI's type, and the parameter."""
    try:
        act()
    except openai.APIStatusError as error:
        return error.status_code, error.code, error.type, error.param


def usage_of(usage):
    return (
        usage.prompt_tokens,
        usage.prompt_tokens_details.cached_tokens,
        usage.completion_tokens,
        usage.completion_tokens_details.reasoning_tokens,
        decimal.Decimal(usage.cost_usd),
    )


def all_calls(client, owner, url):
    models = [model.id for model in client.models.list()]
    known = ["fast", MODEL, EMBEDDER, "mistral-small-latest"]
    check("the models that can be asked", [model in models for model in known], [True, True, True, False])
    answers(client.chat.completions)
    streams(client.chat.completions)
    tools(client.chat.completions)
    forms(client.chat.completions)
    embeddings(client.embeddings.create)
    repetitions(client.chat.completions.create)
    mistakes(client, url)
    budget(client, owner)
    faults(client.chat.completions.create, owner)
    ledger(owner)


def answers(chat):
    play(SAYS)
    answer = told("generate", chat.create(**ASK))
    choice = answer.choices[0]
    check("an answer", (choice.message.content, choice.finish_reason, answer.model), (TEXT, "stop", MODEL))
    check("its usage and cost", usage_of(answer.usage), (1000, 400, 150, 50, FULL))


def streams(chat):
    play(SAYS)
    chunks = list(chat.create(stream=True, stream_options={"include_usage": True}, **ASK))
    told("stream", chunks[-1])
    check("a stream", text_of(chunks), TEXT)
    check("its end", [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1], "stop")
    check("its usage and cost", usage_of(chunks[-1].usage), (1000, 400, 150, 50, FULL))
    check("where they are", [chunk.choices for chunk in chunks if chunk.usage], [[]])
    play(SAYS)
    chunks = list(chat.create(stream=True, **ASK))
    LEFT.append(("stream", "answered", FULL))
    check("a stream without usage", (text_of(chunks), [chunk for chunk in chunks if chunk.usage]), (TEXT, []))
    play(SAYS)
    with chat.stream(stream_options={"include_usage": True}, **ASK) as stream:
        text = "".join(event.delta for event in stream if event.type == "content.delta")
        answer = told("stream", stream.get_final_completion())
    choice = answer.choices[0]
    got = (text, choice.message.content, choice.finish_reason)
    check("the client's own helper for streams", got, (TEXT, TEXT, "stop"))


def text_of(chunks):
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


def tools(chat):
    play(CALLS)
    choice = told("generate", chat.create(tools=TOOLS, tool_choice="required", **ASK)).choices[0]
    call = choice.message.tool_calls[0]
    got = (call.function.name, json.loads(call.function.arguments), choice.finish_reason)
    check("a call of a tool", got, ("weather", {"city": "Zürich"}, "tool_calls"))
    play(SAYS)
    result = {"role": "tool", "tool_call_id": call.id, "content": "Clear."}
    history = [*ASK["messages"], choice.message, result]
    answer = told("generate", chat.create(model="fast", messages=history, tools=TOOLS))
    check("after its result was sent back", answer.choices[0].message.content, TEXT)
    play(CALLS)
    with chat.stream(tools=TOOLS, stream_options={"include_usage": True}, **ASK) as stream:
        choice = told("stream", stream.get_final_completion()).choices[0]
    call = choice.message.tool_calls[0].function
    got = (call.name, json.loads(call.arguments), choice.finish_reason)
    check("a streamed call", got, ("weather", {"city": "Zürich"}, "tool_calls"))
    play(SAYS)
    result = {"role": "tool", "tool_call_id": choice.message.tool_calls[0].id, "content": "Clear."}
    history = [*ASK["messages"], choice.message, result]
    back = lambda: told("generate", chat.create(model="fast", messages=history, tools=TOOLS))
    check("after the helper's message was sent back as it is", refused(back), None)


def forms(chat):
    form = {"type": "json_schema", "json_schema": {"name": "city", "schema": PARAMETERS, "strict": True}}
    play(JSON)
    answer = told("generate", chat.create(response_format=form, **ASK))
    check("an answer in the form of a schema", json.loads(answer.choices[0].message.content), {"city": "Zürich"})
    play(JSON)
    answer = told("generate", chat.parse(response_format=City, **ASK))
    check("as an object of a class", answer.choices[0].message.parsed, City(city="Zürich"))


def embeddings(embed):
    texts = {"model": EMBEDDER, "input": ["one", "two"]}
    packed = told("embed", embed(**texts))
    listed = told("embed", embed(encoding_format="float", **texts))
    narrow = lambda numbers: struct.pack(f"<{len(numbers)}f", *numbers)
    vectors = lambda answer: [narrow(embedding.embedding) for embedding in answer.data]
    check("embeddings as the client wants them, and as lists", vectors(packed), vectors(listed))
    check("their size", [len(embedding.embedding) for embedding in listed.data], [8, 8])
    got = (listed.usage.prompt_tokens, decimal.Decimal(listed.usage.cost_usd))
    check("their usage and cost", got, (2, decimal.Decimal("0.00000004")))  # at $0.02 a million


def repetitions(create):
    key = {"extra_headers": {"Idempotency-Key": "k1"}}
    first = told("generate", create(**key, **ASK))
    time.sleep(1.1)  # the time of an answer is told in seconds
    check("a repetition under a key of idempotency", create(**key, **ASK), first)
    reused = refused(lambda: create(temperature=1, **key, **ASK))
    check("another request under it", reused, (422, "idempotency_key_reused", "invalid_request_error", None))
    streamed = refused(lambda: create(stream=True, extra_headers={"Idempotency-Key": "k2"}, **ASK))
    check("a stream under a key", streamed, (422, "invalid", "invalid_request_error", "stream"))
    ask = {"extra_body": {"cache": True}, **ASK}
    first = told("generate", create(**ask))
    kept = told("generate", create(**ask), "cached")
    check("an answer of the cache", kept.choices, first.choices)
    check("its usage and cost", usage_of(kept.usage), (0, 0, 0, 0, 0))


def mistakes(client, url):
    create = client.chat.completions.create
    invalid = lambda param: (422, "invalid", "invalid_request_error", param)
    check("an unknown parameter", refused(lambda: create(extra_body={"top_k": 2}, **ASK)), invalid("top_k"))
    wrong = refused(lambda: create(model="gpt-9", messages=ASK["messages"]))
    check("an unknown model", wrong, invalid("model"))
    empty = [{"role": "user", "content": ""}]
    check("an empty message", refused(lambda: create(model="fast", messages=empty)), invalid("messages[0].content"))
    stranger = openai.OpenAI(base_url=url + "/v1", api_key="wrong")
    unknown = (401, "unauthenticated", "authentication_error", None)
    check("a wrong key", refused(lambda: stranger.chat.completions.create(**ASK)), unknown)


def budget(client, owner):
    owner.limits(f"{owner.spent():f}")
    used_up = (402, "budget_exceeded", "insufficient_quota", None)
    create = client.chat.completions.create
    check("a budget that is used up", refused(lambda: create(**ASK)), used_up)
    check("for a stream", refused(lambda: create(stream=True, **ASK)), used_up)
    check("for embeddings", refused(lambda: client.embeddings.create(model=EMBEDDER, input="one")), used_up)
    owner.limits(None)
    check("without a limit again", told("generate", create(**ASK)).choices[0].finish_reason, "stop")


def faults(create, owner):
    play(refuses(400))
    not_taken = (422, "request_not_taken", "invalid_request_error", None)
    check("what the provider does not take", refused(lambda: create(**ASK)), not_taken)
    LEFT.append(("generate", "failed", decimal.Decimal(0)))
    before = owner.spent()
    play(BREAKS)
    text = lambda: (chunk.choices[0].delta.content for chunk in create(stream=True, **ASK))
    error, had = raised(openai.APIError, text)
    got = (getattr(error, "code", None), getattr(error, "type", None), had)
    check("a stream that breaks", got, ("provider_unavailable", "server_error", HALF))
    cost = owner.spent() - before
    check("what came of it is paid", 0 < cost < FULL, True)
    LEFT.append(("stream", "failed", cost))


def ledger(owner):
    """The ledger has the calls above and no other one, at what their answers said."""
    spent = owner.spent()
    analytics = owner.call("GET", "/api/v1/ai/analytics")
    ends = [end for _, end, _ in LEFT]
    counts = {"calls": len(LEFT), "cancelled": 0, "lost": 0, "attempts": len(LEFT) - ends.count("cached")}
    counts |= {end: ends.count(end) for end in ("answered", "cached", "failed")}
    total = analytics["total"]
    check("the calls in the analytics", {name: total[name] for name in counts}, counts)
    sums = {}
    for operation, _, cost in LEFT:
        calls, before = sums.get(operation, (0, 0))
        sums[operation] = (calls + 1, before + cost)
    count = lambda tally: (tally["calls"], decimal.Decimal(tally["cost_usd"]))
    got = {part["operation"]: count(part["tally"]) for part in analytics["operations"]}
    check("by what was asked for, with their cost", got, sums)
    cost = sum(cost for _, _, cost in LEFT)
    for name in ("models", "days"):
        parts = [count(part["tally"]) for part in analytics[name]]
        check(f"the sum of the {name}", tuple(map(sum, zip(*parts))), (len(LEFT), cost))
    check("the cost in the analytics", decimal.Decimal(total["cost_usd"]), cost)
    check("the cost in the usage of the month", spent, cost)


def main():
    with fake() as provider, product(provider) as (url, outbox):
        owner = Owner(url, outbox)
        client = openai.OpenAI(base_url=url + "/v1", api_key=owner.key())
        all_calls(client, owner, url)


main()
