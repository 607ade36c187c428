"""Text in format=flowed (RFC 3676): lines that end in a space continue on the next."""


def unflow(text: str, *, delete_space: bool = False) -> str:
    """`text` with its flowed lines joined; `delete_space` is the parameter DelSp=yes."""
    lines: list[str] = []
    flowing: list[str] = []
    flowing_depth = -1
    for line in text.split("\n"):
        depth, content = _unquoted(line)
        if flowing and (depth != flowing_depth or content == "-- "):
            lines.append(_quoted(flowing_depth, flowing))
            flowing = []
        continues = content.endswith(" ") and content != "-- "
        flowing.append(content[:-1] if continues and delete_space else content)
        flowing_depth = depth
        if not continues:
            lines.append(_quoted(depth, flowing))
            flowing = []
    return "\n".join([*lines, _quoted(flowing_depth, flowing)] if flowing else lines)


def _unquoted(line: str) -> tuple[int, str]:
    content = line.lstrip(">")
    return len(line) - len(content), content.removeprefix(" ")


def _quoted(depth: int, pieces: list[str]) -> str:
    return ">" * depth + (" " if depth else "") + "".join(pieces)
