"""Talks to a running Kinora with OpenAI's client for Python: python tools/clients/openai_python.py http://localhost:8080 clip.mp4 [KEY]

Needs the package openai; ends with 0 if all went as it should.
"""

import base64
import sys

import openai

address, clip = sys.argv[1:3]
client = openai.OpenAI(api_key=sys.argv[3] if len(sys.argv) > 3 else "none", base_url=f"{address}/v1", max_retries=0)
model = client.models.list().data[0].id
print("model", model)

with open(clip, "rb") as file:
    url = "data:video/mp4;base64," + base64.b64encode(file.read()).decode()
messages = [
    {"role": "user", "content": [{"type": "video_url", "video_url": {"url": url}}, {"type": "text", "text": "What moves?"}]}
]
whole = client.chat.completions.create(model=model, messages=messages, max_tokens=12).choices[0].message.content
streamed, usage = "", None
for chunk in client.chat.completions.create(
    model=model, messages=messages, max_tokens=12, stream=True, stream_options={"include_usage": True}
):
    streamed += (chunk.choices[0].delta.content or "") if chunk.choices else ""
    usage = chunk.usage or usage
assert streamed == whole, (streamed, whole)
assert 1 <= usage.completion_tokens <= 12
print("chat", repr(whole))

try:
    client.chat.completions.create(model="no-such-model", messages=messages)
    raise SystemExit("an unknown model was not refused")
except openai.NotFoundError:
    pass

video = client.videos.create_and_poll(
    prompt="a blue star spins", model=model, seconds="2", extra_body={"num_inference_steps": "2"}
)
assert video.status == "completed", video
content = client.videos.download_content(video.id).read()
assert content[4:8] == b"ftyp"
assert any(listed.id == video.id for listed in client.videos.list())
assert client.videos.delete(video.id).deleted
print("video", len(content), "bytes")
