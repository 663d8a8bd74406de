# SPDX-License-Identifier: BSD-3-Clause
"""Finds C and C++ function bodies by their braces, without a compiler."""

import re

NOT_FUNCTIONS = re.compile(
    r"^(?:if|for|while|switch|catch|do|else|return|namespace|class|struct|union|enum|extern|concept|requires)\b")
MARKER = re.compile(r"//\s*long:\s*\S")
TOKENS = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<tag>[^(\s]*)\(.*?\)(?P=tag)"|"(?:\\.|[^"\\\n])*"|'
    r"(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'|^[ \t]*#(?:[^\n\\]|\\.)*", re.S | re.M)


def blank(text):
    """Comments, literals and preprocessor lines replaced by spaces; line structure kept."""
    return TOKENS.sub(lambda m: re.sub(r"[^\n]", " ", m.group(0)), text)


def strip_template(header):
    """The declaration without leading template parameter lists, attributes and access labels."""
    header = re.sub(r"^(?:\s*(?:public|protected|private)\s*:)+", "", header).strip()
    while header.startswith("template"):
        depth, end = 0, len(header)
        for i, c in enumerate(header):
            depth += (c == "<") - (c == ">")
            if c == ">" and depth == 0:
                end = i + 1
                break
        header = header[end:].strip()
    return re.sub(r"^(?:\[\[.*?\]\]\s*)+", "", header).strip()


def is_function(header):
    header = strip_template(header)
    if "(" not in header or NOT_FUNCTIONS.match(header):
        return False
    before_body = header.split("(", 1)[0]
    return "=" not in before_body or "operator" in before_body


def functions(text):
    """(first line of the header, line of the closing brace, header) of every outermost function body."""
    code = blank(text)
    stack, found, start, paren = [], [], 0, 0
    for i, c in enumerate(code):
        if c == "(":
            paren += 1
        elif c == ")":
            paren -= 1
        elif c == "{":
            header = code[start:i]
            function = paren == 0 and not any(s[0] for s in stack) and is_function(header)
            stack.append((function, start + len(header) - len(header.lstrip()), header.strip(), paren))
            start, paren = i + 1, 0
        elif c == "}" and stack:
            function, where, header, paren = stack.pop()
            if function:
                found.append((code.count("\n", 0, where) + 1, code.count("\n", 0, i) + 1, header))
            if paren == 0:
                start = i + 1
        elif c == ";" and paren == 0:
            start = i + 1
    return found


def too_long(text, limit):
    """(line, length, name) of functions above the limit that state no reason in the comment above them."""
    lines = text.split("\n")
    for first, last, header in functions(text):
        length = last - first + 1
        if length <= limit:
            continue
        above = first - 2
        while above >= 0 and lines[above].lstrip().startswith(("//", "*", "/*")):
            if MARKER.search(lines[above]):
                break
            above -= 1
        else:
            name = re.findall(r"[\w~:]+\s*\(", header)
            yield first, length, name[0].rstrip("( ") if name else header[:30]
