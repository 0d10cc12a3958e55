#!/usr/bin/env python3
"""A library that `cargo xtask bench` measures against, doing its work once for every line on stdin.

    pip install -r bench/peers/requirements.txt
    echo | bench/peers/peer.py parse_vtt call.vtt

Prints the seconds of each pass, one a line. Imports and preparation are not in them.
"""

import sys
import time
from pathlib import Path


def parse_vtt(path: str):
    """webvtt-py reads a file, from the disk to its cues."""
    import webvtt

    def work():
        assert webvtt.read(path).captions

    return work


def sentiment_lines(path: str):
    """vaderSentiment scores every line of a text file."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyzer = SentimentIntensityAnalyzer()
    lines = Path(path).read_text(encoding="utf-8").splitlines()

    def work():
        for line in lines:
            analyzer.polarity_scores(line)

    return work


TASKS = {task.__name__: task for task in (parse_vtt, sentiment_lines)}


def main() -> None:
    if len(sys.argv) != 3 or sys.argv[1] not in TASKS:
        sys.exit(f"usage: peer.py {'|'.join(TASKS)} FILE")
    work = TASKS[sys.argv[1]](sys.argv[2])
    for _ in sys.stdin:
        start = time.perf_counter()
        work()
        print(time.perf_counter() - start, flush=True)


if __name__ == "__main__":
    main()
