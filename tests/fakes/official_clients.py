#!/usr/bin/env python3
"""Drives the fake with the providers' official clients, to see that it is faithful.

    python3 -m venv clients && clients/bin/pip install -r tests/fakes/requirements.txt
    clients/bin/python tests/fakes/official_clients.py [path of the binary fake-models]

Without a path the binary is built by cargo. One line a check; it ends at the first that does not hold.
"""

import base64
import json
import struct

import anthropic
import openai
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google import genai
from google.genai import errors, types
from google.oauth2 import service_account
from mistralai.client import Mistral
from mistralai.client.errors import MistralError
from playing import BREAKS, CALLS, HALF, PARAMETERS, SAYS, TEXT, check, fake, play, raised, refuses

SPLIT = {"turn": "says", "answer": {"text": TEXT, "pieces": 4, "split_bytes": 7}}
COMMENTED = {"turn": "says", "answer": {"text": TEXT, "pieces": 4, "comments": True}}
CUTS = {"turn": "cuts_after", "n": 2, "answer": {"text": TEXT, "pieces": 4}}
GARBLES = {"turn": "garbles_after", "n": 2, "answer": {"text": TEXT, "pieces": 4}}
BLOCKS = {"turn": "blocks"}
URL = ""


def google_usage(usage):
    return (
        usage.prompt_token_count,
        usage.cached_content_token_count,
        usage.candidates_token_count,
        usage.thoughts_token_count,
        usage.total_token_count,
    )


def google(name, client, embeds=True):
    ask = {"model": "gemini-3.8-flash", "contents": "Hello"}
    generate = client.models.generate_content
    stream = client.models.generate_content_stream

    play(SAYS)
    answer = generate(**ask)
    check(f"{name}: an answer", (answer.text, answer.candidates[0].finish_reason.name), (TEXT, "STOP"))
    check(f"{name}: its usage", google_usage(answer.usage_metadata), (1000, 400, 100, 50, 1150))

    for what, turn in (("a stream", SAYS), ("a stream in chunks of seven bytes", SPLIT)):
        play(turn)
        chunks = list(stream(**ask))
        check(f"{name}: {what}", "".join(chunk.text or "" for chunk in chunks), TEXT)
        check(f"{name}: the usage of {what}", google_usage(chunks[-1].usage_metadata), (1000, 400, 100, 50, 1150))

    play({"turn": "says", "answer": {"text": TEXT, "thought": "Hm.", "length": True}})
    answer = generate(**ask)
    parts = [(part.text, bool(part.thought)) for part in answer.candidates[0].content.parts]
    check(f"{name}: a thought", parts, [("Hm.", True), (TEXT, False)])
    check(f"{name}: the limit of length", answer.candidates[0].finish_reason.name, "MAX_TOKENS")

    google_calls(name, generate, stream)
    google_faults(name, ask, generate, stream)
    check(f"{name}: a count", client.models.count_tokens(**ask).total_tokens, 1000)
    if embeds:
        google_embeds(name, client)


def google_calls(name, generate, stream):
    function = types.FunctionDeclaration(name="weather", description="It", parameters_json_schema=PARAMETERS)
    config = types.GenerateContentConfig(
        tools=[types.Tool(function_declarations=[function])],
        automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
    )
    ask = {"model": "gemini-3.8-flash", "config": config}
    question = types.Content(role="user", parts=[types.Part(text="Hello")])
    for what, act in (("a call", generate), ("a streamed call", lambda **ask: next(iter(stream(**ask))))):
        play(CALLS)
        answer = act(contents=[question], **ask)
        call = answer.function_calls[0]
        check(f"{name}: {what}", (call.name, call.args), ("weather", {"city": "Zürich"}))
    said = answer.candidates[0].content
    result = types.Part.from_function_response(name="weather", response={"sky": "clear"})
    history = [question, said, types.Content(role="user", parts=[result])]
    play(SAYS)
    check(f"{name}: after the call", generate(contents=history, **ask).text, TEXT)
    said.parts[0].thought_signature = None
    error, _ = raised(errors.ClientError, lambda: [generate(contents=history, **ask).text])
    check(f"{name}: a call without its signature", (error.code, error.status), (400, "INVALID_ARGUMENT"))


def google_faults(name, ask, generate, stream):
    text = lambda: (chunk.text for chunk in stream(**ask))
    play(refuses(429, hint={"body_ms": 52000}))
    error, _ = raised(errors.ClientError, lambda: [generate(**ask).text])
    details = error.details["error"]["details"]
    check(f"{name}: 429", (error.code, error.status), (429, "RESOURCE_EXHAUSTED"))
    check(f"{name}: its hint", details[0]["retryDelay"], "52s")
    play(BLOCKS)
    answer = generate(**ask)
    check(f"{name}: a blocked prompt", (answer.text, answer.candidates), (None, None))
    check(f"{name}: its reason", answer.prompt_feedback.block_reason.name, "PROHIBITED_CONTENT")
    play(BLOCKS)
    reasons = [chunk.prompt_feedback.block_reason.name for chunk in stream(**ask)]
    check(f"{name}: a blocked prompt in a stream", reasons, ["PROHIBITED_CONTENT"])
    play(refuses(503))
    error, had = raised(errors.ServerError, text)
    check(f"{name}: a refused stream", (error.code, error.status, had), (503, "UNAVAILABLE", ""))
    play(BREAKS)
    error, had = raised(errors.ServerError, text)
    check(f"{name}: an error in a stream", (error.code, error.status, had), (503, "UNAVAILABLE", HALF))
    for what, turn in (("cut", CUTS), ("garbled", GARBLES)):
        play(turn)
        error, had = raised(Exception, text)
        check(f"{name}: a {what} stream", (error is not None, had), (True, HALF))
    budget = types.GenerateContentConfig(thinking_config=types.ThinkingConfig(thinking_budget=100))
    argon = {**ask, "model": "gemini-4-argon", "config": budget}
    error, _ = raised(errors.ClientError, lambda: [generate(**argon).text])
    check(f"{name}: a budget that the model refuses", (error.code, error.status), (400, "INVALID_ARGUMENT"))


def google_embeds(name, client):
    for model, contents in (
        ("text-embedding-005", ["one", "two"]),
        ("gemini-embedding-001", ["one"]),
        ("gemini-embedding-001", ["one", "two"]),
        ("gemini-embedding-2", ["one"]),
    ):
        config = types.EmbedContentConfig(output_dimensionality=5, task_type="RETRIEVAL_DOCUMENT")
        answer = client.models.embed_content(model=model, contents=contents, config=config)
        sizes = [len(embedding.values) for embedding in answer.embeddings]
        expected = [5] if model == "gemini-embedding-2" else [5] * len(contents)
        check(f"{name}: {len(contents)} embedded by {model}", sizes, expected)


def service_account_credentials():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    account = {
        "type": "service_account",
        "project_id": "p1",
        "private_key_id": "k1",
        "private_key": pem.decode(),
        "client_email": "fake@p1.iam.gserviceaccount.com",
        "token_uri": URL + "/token",
    }
    scopes = ["https://www.googleapis.com/auth/cloud-platform"]
    return service_account.Credentials.from_service_account_info(account, scopes=scopes)


def all_google():
    credentials = service_account_credentials()
    for version in ("v1", "v1beta1"):
        options = types.HttpOptions(base_url=URL, api_version=version)
        client = genai.Client(
            vertexai=True, project="p1", location="us-central1", credentials=credentials, http_options=options
        )
        google(f"google-genai, Vertex {version}", client)
    check("google-genai: the token", credentials.token, "token-1")
    client = genai.Client(vertexai=True, api_key="k", http_options=types.HttpOptions(base_url=URL))
    google("google-genai, express", client, embeds=False)
    for version in ("v1", "v1beta"):
        options = types.HttpOptions(base_url=URL, api_version=version)
        google(f"google-genai, Developer API {version}", genai.Client(api_key="k", http_options=options))


def anthropic_usage(usage):
    thinking = usage.output_tokens_details.thinking_tokens
    return usage.input_tokens, usage.cache_read_input_tokens, usage.output_tokens, thinking


def claude(name, client, model):
    ask = {"model": model, "max_tokens": 100, "messages": [{"role": "user", "content": "Hello"}]}
    create = client.messages.create

    play(SAYS)
    answer = create(**ask)
    check(f"{name}: an answer", (answer.content[0].text, answer.stop_reason), (TEXT, "end_turn"))
    check(f"{name}: its usage", anthropic_usage(answer.usage), (600, 400, 150, 50))

    for what, turn in (("a stream", SAYS), ("a stream with comments", COMMENTED), ("split", SPLIT)):
        play(turn)
        with client.messages.stream(**ask) as stream:
            text = "".join(stream.text_stream)
            answer = stream.get_final_message()
        check(f"{name}: {what}", (text, answer.stop_reason), (TEXT, "end_turn"))
        check(f"{name}: the usage of {what}", anthropic_usage(answer.usage), (600, 400, 150, 50))

    play(SAYS)
    outputs = []
    for event in create(stream=True, **ask):
        if event.type == "message_start":
            outputs.append(event.message.usage.output_tokens)
        elif event.type == "message_delta":
            outputs.append(event.usage.output_tokens)
    check(f"{name}: the snapshots of usage", outputs, [1, 80, 150])

    tools = [{"name": "weather", "description": "It", "input_schema": PARAMETERS}]
    play({"turn": "says", "answer": {**CALLS["answer"], "thought": "Hm."}})
    with client.messages.stream(tools=tools, **ask) as stream:
        thought, call = stream.get_final_message().content
    check(f"{name}: a streamed thought", (thought.thinking, bool(thought.signature)), ("Hm.", True))
    check(f"{name}: a streamed call", (call.name, call.input), ("weather", {"city": "Zürich"}))
    play(CALLS)
    answer = create(tools=tools, **ask)
    check(f"{name}: a call", (answer.content[0].input, answer.stop_reason), ({"city": "Zürich"}, "tool_use"))
    count = client.messages.count_tokens(model=model, messages=ask["messages"])
    check(f"{name}: a count", count.input_tokens, 1000)
    claude_faults(name, client, ask)


def claude_faults(name, client, ask):
    create = client.messages.create

    def text():
        with client.messages.stream(**ask) as stream:
            yield from stream.text_stream

    play(refuses(429, hint={"seconds": 7}, code="quota_used_up"))
    error, _ = raised(anthropic.RateLimitError, lambda: [create(**ask)])
    got = (error.response.headers["retry-after"], error.body["error"]["details"]["error_code"])
    check(f"{name}: 429", got, ("7", "quota_used_up"))
    play(BLOCKS)
    answer = create(**ask)
    check(f"{name}: a blocked answer", (answer.stop_reason, answer.content), ("refusal", []))
    check(f"{name}: its category", answer.stop_details.category, "general_harms")
    play(BREAKS)
    error, had = raised(anthropic.APIStatusError, text)
    check(f"{name}: an error in a stream", (error.body["error"]["type"], had), ("overloaded_error", HALF))
    for what, turn in (("cut", CUTS), ("garbled", GARBLES)):
        play(turn)
        error, had = raised(Exception, text)
        check(f"{name}: a {what} stream", (error is not None, had), (True, HALF))
    sampling = {"extra_body": {"temperature": 1.0}}
    error, _ = raised(anthropic.BadRequestError, lambda: [create(**ask, **sampling)])
    check(f"{name}: a sampling parameter", error.body["error"]["type"], "invalid_request_error")
    tools = [{"name": "weather", "description": "It", "input_schema": PARAMETERS}]
    forced = {"tools": tools, "tool_choice": {"type": "any"}}
    error, _ = raised(anthropic.BadRequestError, lambda: [create(**ask, **forced)])
    check(f"{name}: forced tool use", error.body["error"]["type"], "invalid_request_error")


def all_claude():
    vertex = {"base_url": URL + "/v1", "region": "us-east5", "project_id": "p1", "max_retries": 0}
    client = anthropic.AnthropicVertex(access_token="t", **vertex)
    claude("anthropic on Vertex", client, "claude-sonnet-5-5")
    client = anthropic.AnthropicVertex(credentials=service_account_credentials(), **vertex)
    play(SAYS)
    messages = [{"role": "user", "content": "Hello"}]
    answer = client.messages.create(model="claude-sonnet-4-5@20250929", max_tokens=9, messages=messages)
    check("anthropic on Vertex: with a service account", answer.content[0].text, TEXT)
    client = anthropic.Anthropic(api_key="k", base_url=URL, max_retries=0)
    claude("anthropic", client, "claude-sonnet-5-5")
    client = anthropic.Anthropic(api_key="k", base_url=URL, max_retries=1)
    play(refuses(529, hint={"millis": 1}), SAYS)
    answer = client.messages.create(model="claude-sonnet-5-5", max_tokens=9, messages=messages)
    check("anthropic: a refusal, and another try", answer.content[0].text, TEXT)


def openai_usage(usage):
    return (
        usage.prompt_tokens,
        usage.prompt_tokens_details.cached_tokens,
        usage.completion_tokens,
        usage.completion_tokens_details.reasoning_tokens,
    )


def all_openai():
    name = "openai"
    client = openai.OpenAI(api_key="k", base_url=URL + "/v1", max_retries=0)
    ask = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hello"}]}
    create = client.chat.completions.create

    play(SAYS)
    answer = create(**ask)
    choice = answer.choices[0]
    check(f"{name}: an answer", (choice.message.content, choice.finish_reason), (TEXT, "stop"))
    check(f"{name}: its usage", openai_usage(answer.usage), (1000, 400, 150, 50))
    for what, turn in (("a stream", SAYS), ("a stream with comments", COMMENTED), ("split", SPLIT)):
        play(turn)
        chunks = list(create(stream=True, stream_options={"include_usage": True}, **ask))
        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
        check(f"{name}: {what}", text, TEXT)
        check(f"{name}: the usage of {what}", openai_usage(chunks[-1].usage), (1000, 400, 150, 50))
        check(f"{name}: where it is", [chunk.choices for chunk in chunks if chunk.usage], [[]])
    play(SAYS)
    chunks = list(create(stream=True, **ask))
    check(f"{name}: a stream without usage", [chunk.usage for chunk in chunks if chunk.usage], [])

    openai_calls(name, client, ask)
    openai_faults(name, client, ask)
    openai_embeds(name, client)
    check(f"{name}: the models", "gpt-4o-mini" in [model.id for model in client.models.list()], True)


def openai_calls(name, client, ask):
    tools = [{"type": "function", "function": {"name": "weather", "parameters": PARAMETERS}}]
    play(CALLS)
    choice = client.chat.completions.create(tools=tools, **ask).choices[0]
    call = choice.message.tool_calls[0].function
    got = (call.name, json.loads(call.arguments), choice.finish_reason)
    check(f"{name}: a call", got, ("weather", {"city": "Zürich"}, "tool_calls"))
    play(CALLS)
    with client.chat.completions.stream(tools=tools, **ask) as stream:
        stream.until_done()
        call = stream.get_final_completion().choices[0].message.tool_calls[0].function
    check(f"{name}: a streamed call", (call.name, json.loads(call.arguments)), ("weather", {"city": "Zürich"}))


def openai_faults(name, client, ask):
    create = client.chat.completions.create
    text = lambda: (chunk.choices[0].delta.content for chunk in create(stream=True, **ask))
    play(refuses(429, hint={"seconds": 7}, code="insufficient_quota"))
    error, _ = raised(openai.RateLimitError, lambda: [create(**ask)])
    got = (error.code, error.type, error.response.headers["retry-after"])
    check(f"{name}: 429", got, ("insufficient_quota", "insufficient_quota", "7"))
    play(BLOCKS)
    check(f"{name}: a blocked answer", create(**ask).choices[0].finish_reason, "content_filter")
    play(BREAKS)
    error, had = raised(openai.APIError, text)
    check(f"{name}: an error in a stream", (error.type, had), ("server_error", HALF))
    for what, turn in (("cut", CUTS), ("garbled", GARBLES)):
        play(turn)
        error, had = raised(Exception, text)
        check(f"{name}: a {what} stream", (error is not None, had), (True, HALF))


def openai_embeds(name, client):
    model = "text-embedding-3-small"
    embed = client.embeddings.create
    packed = embed(model=model, input=["one", "two"], dimensions=5)
    listed = embed(model=model, input=["one", "two"], dimensions=5, encoding_format="float")
    narrow = lambda numbers: struct.pack(f"<{len(numbers)}f", *numbers)
    vectors = lambda answer: [narrow(embedding.embedding) for embedding in answer.data]
    check(f"{name}: embeddings in base64 and as lists", vectors(packed), vectors(listed))
    raw = embed(model=model, input="one", encoding_format="base64").data[0].embedding
    check(f"{name}: an embedding's size", len(base64.b64decode(raw)), 4 * 8)


def mistral_usage(usage):
    return usage.prompt_tokens, usage.completion_tokens, usage.total_tokens


def all_mistral():
    name = "mistral"
    client = Mistral(api_key="k", server_url=URL + "/mistral")
    ask = {"model": "mistral-large-latest", "messages": [{"role": "user", "content": "Hello"}]}
    complete = client.chat.complete
    text = lambda: (event.data.choices[0].delta.content for event in client.chat.stream(**ask))

    play(SAYS)
    answer = complete(random_seed=7, **ask)
    choice = answer.choices[0]
    check(f"{name}: an answer", (choice.message.content, choice.finish_reason), (TEXT, "stop"))
    check(f"{name}: its usage", mistral_usage(answer.usage), (1000, 150, 1150))
    for what, turn in (("a stream", SAYS), ("a stream with comments", COMMENTED), ("split", SPLIT)):
        play(turn)
        events = [event.data for event in client.chat.stream(**ask)]
        said = "".join(event.choices[0].delta.content for event in events)
        check(f"{name}: {what}", (said, events[-1].choices[0].finish_reason), (TEXT, "stop"))
        check(f"{name}: the usage of {what}", mistral_usage(events[-1].usage), (1000, 150, 1150))
    tools = [{"type": "function", "function": {"name": "weather", "parameters": PARAMETERS}}]
    play(CALLS)
    call = complete(tools=tools, **ask).choices[0].message.tool_calls[0].function
    check(f"{name}: a call", (call.name, json.loads(call.arguments)), ("weather", {"city": "Zürich"}))
    play(CALLS)
    last = [event.data for event in client.chat.stream(tools=tools, **ask)][-1].choices[0]
    call = last.delta.tool_calls[0].function
    check(f"{name}: a streamed call", (call.name, json.loads(call.arguments)), ("weather", {"city": "Zürich"}))

    play(refuses(429, hint={"seconds": 7}))
    error, _ = raised(MistralError, lambda: [complete(**ask)])
    check(f"{name}: 429", (error.status_code, error.headers["retry-after"]), (429, "7"))
    play(BLOCKS)
    check(f"{name}: a blocked answer", complete(**ask).choices[0].finish_reason, "error")
    for what, turn in (("broken", BREAKS), ("cut", CUTS), ("garbled", GARBLES)):
        play(turn)
        error, had = raised(Exception, text)
        check(f"{name}: a {what} stream", (error is not None, had), (True, HALF))
    answer = client.embeddings.create(model="mistral-embed", inputs=["one", "two"], output_dimension=5)
    check(f"{name}: embeddings", [len(embedding.embedding) for embedding in answer.data], [5, 5])


def main():
    global URL
    with fake() as URL:
        all_google()
        all_claude()
        all_openai()
        all_mistral()


main()
