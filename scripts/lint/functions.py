# SPDX-License-Identifier: BSD-3-Clause
"""Finds C and C++ function bodies by their braces, without a compiler."""

import re

NOT_FUNCTIONS = re.compile(
    r"^(?:if|for|while|switch|catch|do|else|return|namespace|class|struct|union|enum|extern|concept)\b")
MARKER = re.compile(r"//\s*long:\s*\S")
TOKENS = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<tag>[^(\s]*)\(.*?\)(?P=tag)"|"(?:\\.|[^"\\\n])*"|'
    r"(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'|^[ \t]*#(?:[^\n\\]|\\.)*", re.S | re.M)


def blank(text):
    """Comments, literals and preprocessor lines replaced by spaces; line structure kept."""
    return TOKENS.sub(lambda m: re.sub(r"[^\n]", " ", m.group(0)), text)


def template_end(header):
    """Where a leading template parameter list ends; comparisons stand in parentheses there."""
    angle = paren = 0
    for i, c in enumerate(header):
        paren += (c == "(") - (c == ")")
        if paren == 0:
            angle += (c == "<") - (c == ">")
            if c == ">" and angle == 0:
                return i + 1
    return len(header)


def strip_template(header):
    """The declaration without leading template parameter lists, attributes and access labels."""
    header = re.sub(r"^(?:\s*(?:public|protected|private)\s*:)+", "", header).strip()
    while header.startswith("template"):
        header = header[template_end(header):].strip()
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
        if c in "()":
            paren += 1 if c == "(" else -1
        elif c == "{":
            header = code[start:i]
            initialiser = paren > 0 or re.search(r"[\w>\]]$", header) is not None
            function = not initialiser and not any(s[0] for s in stack) and is_function(header)
            stack.append((function, start, header, paren, initialiser))
            start, paren = (start if initialiser else i + 1), 0
        elif c == "}" and stack:
            function, where, header, paren, initialiser = stack.pop()
            start = where if initialiser else i + 1
            if function:
                first = where + len(header) - len(header.lstrip())
                found.append((code.count("\n", 0, first) + 1, code.count("\n", 0, i) + 1, header.strip()))
        elif c == ";" and paren == 0 and not (stack and stack[-1][4]):
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
            names = re.findall(r"([\w~:]+)\s*\(", strip_template(header))
            yield first, length, next((n for n in names if n != "requires"), header[:30])
