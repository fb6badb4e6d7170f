"""Asks on several connections until nobody answers any more, and prints the ids of the answers, in order."""
import http.client
import json
import os
import pathlib
import sys
import threading
import urllib.parse

CONNECTIONS = 4
going, enough = pathlib.Path(sys.argv[1]), int(sys.argv[2])
host = urllib.parse.urlsplit(os.environ["AWS_ENDPOINT_URL"]).netloc
answered = [[] for _ in range(CONNECTIONS)]


def ask(ids):
    connection = http.client.HTTPConnection(host, timeout=60)
    try:
        while True:
            connection.request("GET", "/?Action=GetCallerIdentity&Version=2011-06-15")
            answer = connection.getresponse()
            answer.read()
            ids.append(answer.headers["x-amzn-RequestId"])
            if len(ids) == enough:
                going.touch()
    except (OSError, http.client.HTTPException):
        pass


threads = [threading.Thread(target=ask, args=(ids,)) for ids in answered]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(json.dumps(answered))
