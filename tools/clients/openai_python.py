"""Talks to a running Kinora with OpenAI's client for Python, after `pip install -r requirements.txt`:

python openai_python.py http://localhost:8080 clip.mp4 [--key KEY] [--breaking ADDRESS] [--pictures ADDRESS]

Says "ok" or "failed" of each thing it does, and ends with 0 if none failed. What needs a service of another kind (one whose answers
break off, one that makes pictures) is done where its address is given. The test suite gives all three.
"""

import argparse
import base64
import pathlib
import sys
import traceback

import openai

parser = argparse.ArgumentParser(description="Talks to a running Kinora with OpenAI's client for Python.")
parser.add_argument("address")
parser.add_argument("clip", type=pathlib.Path)
parser.add_argument("--key", default="none")
parser.add_argument("--breaking", help="a service whose answers break off")
parser.add_argument("--pictures", help="a service that makes pictures")
asked = parser.parse_args()


def client_at(address):
    return openai.OpenAI(api_key=asked.key, base_url=f"{address}/v1", max_retries=0)


client = client_at(asked.address)
model = client.models.list().data[0].id
url = "data:video/mp4;base64," + base64.b64encode(asked.clip.read_bytes()).decode()
things, failures = [], []


def thing(what, where=asked.address):
    """Something to be done, if there is a service to do it with."""

    def add(work):
        if where:
            things.append((what, work))
        return work

    return add


def refused(kind, call):
    try:
        call()
    except kind as refusal:
        return refusal
    raise AssertionError(f"it was not refused with {kind.__name__}")


def about(link):
    content = [{"type": "video_url", "video_url": {"url": link}}, {"type": "text", "text": "What moves?"}]
    return [{"role": "user", "content": content}]


def ask(at=client, link=url, **more):
    settings = {"model": model, "max_completion_tokens": 12, "temperature": 0} | more
    return at.chat.completions.create(messages=about(link), **settings)


@thing("models")
def models():
    assert client.models.retrieve(model).owned_by == "kinora"
    refused(openai.NotFoundError, lambda: client.models.retrieve("no-such-model"))


@thing("a chat about a clip")
def chat():
    answer = ask()
    assert answer.choices[0].message.role == "assistant" and answer.choices[0].message.content
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    refused(openai.NotFoundError, lambda: ask(model="no-such-model"))
    refused(openai.BadRequestError, lambda: ask(link="http://127.0.0.1/"))


@thing("a streamed chat about an uploaded clip")
def streamed_chat():
    whole = ask().choices[0].message.content
    file = client.files.create(file=("clip.mp4", asked.clip.read_bytes(), "video/mp4"), purpose="user_data")
    streamed, usage = "", None
    for chunk in ask(link=file.id, stream=True, stream_options={"include_usage": True}):
        streamed += (chunk.choices[0].delta.content or "") if chunk.choices else ""
        usage = chunk.usage or usage
    assert streamed == whole, (streamed, whole)
    assert 1 <= usage.completion_tokens <= 12
    assert client.files.delete(file.id).deleted


@thing("an error in the middle of a stream", asked.breaking)
def error_in_mid_stream():
    heard = []

    def listen():
        for chunk in ask(client_at(asked.breaking), stream=True):
            heard.append(chunk.choices[0].delta.content or "")

    assert "a stage broke" in str(refused(openai.APIError, listen))
    assert "".join(heard) == "A red", heard


@thing("videos")
def videos():
    video = client.videos.create_and_poll(
        prompt="a blue star spins", model=model, seconds="2", extra_body={"num_inference_steps": "2"}, poll_interval_ms=200
    )
    assert video.status == "completed", video
    assert client.videos.download_content(video.id).read()[4:8] == b"ftyp"
    listed = [one.id for one in client.videos.list(limit=5)]
    assert video.id in listed and len(set(listed)) == len(listed), listed
    assert client.videos.delete(video.id).deleted
    refused(openai.NotFoundError, lambda: client.videos.retrieve(video.id))


def paint(**more):
    painter = client_at(asked.pictures)
    return painter.images.generate(
        prompt="a lighthouse",
        model=painter.models.list().data[0].id,
        size="64x64",
        extra_body={"num_inference_steps": 4, "seed": 7},
        **more,
    )


@thing("pictures", asked.pictures)
def pictures():
    assert base64.b64decode(paint().data[0].b64_json)[:4] == b"\x89PNG"


@thing("streamed pictures", asked.pictures)
def streamed_pictures():
    events = list(paint(stream=True, partial_images=2))
    assert all(event.type == "image_generation.partial_image" for event in events[:-1]), events
    assert events[-1].type == "image_generation.completed", events[-1]
    assert events[-1].b64_json == paint().data[0].b64_json


for what, work in things:
    try:
        work()
        print("ok", what, flush=True)
    except Exception:
        failures.append(what)
        print(f"failed {what}: {traceback.format_exc()}", flush=True)
sys.exit(1 if failures else 0)
