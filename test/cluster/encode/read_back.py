"""Reads a file of one kind as its real readers do, and prints its values as a list of JSON.

`read_back.py KIND FILE`. Real parsers are xml.etree, json, ast, configparser, html. Of systemd's EnvironmentFile, nginx,
Java's properties and units the rules stand here: src/basic/env-file.c, src/core/ngx_conf_file.c,
java.util.Properties.load, systemd.unit(5).
"""

import ast
import configparser
import html
import json
import re
import sys
import xml.etree.ElementTree as ElementTree


def read_xml(text: str) -> list[str]:
    return [value.text or "" for value in ElementTree.fromstring(text.encode()).iter("value")]


def read_html(text: str) -> list[str]:
    return [html.unescape(found) for found in re.findall(r"<p>([^<]*)</p>", text)]


def read_ini(text: str) -> list[str]:
    parser = configparser.RawConfigParser(delimiters=("=",))
    parser.read_string(text)
    return [value for _, value in parser.items("values")]


def read_environment(text: str) -> list[str]:
    """Values in double quotes: a backslash is taken away before these four alone, and joins lines."""
    return [unquote(line.split("=", 1)[1]) for line in text.split("\n") if line]


def unquote(quoted: str) -> str:
    body, value, at = quoted, "", 1
    if body[0] != '"':
        raise ValueError(f"not quoted: {body}")
    while body[at] != '"':
        if body[at] == "\\":
            at += 1
            if body[at] not in '"\\`$':
                value += "\\"
        value += body[at]
        at += 1
    if at != len(body) - 1:
        raise ValueError(f"goes on after its quotes: {body}")
    return value


def read_nginx(text: str) -> list[str]:
    """`name "value";`: a backslash quotes quotes and itself, makes three blanks, and is itself before all others."""
    values, at = [], 0
    while (at := text.find(' "', at)) >= 0:
        at += 2
        value = ""
        while text[at] != '"':
            if text[at] == "\\" and text[at + 1] in "\"'\\tnr":
                at += 1
                value += {"t": "\t", "n": "\n", "r": "\r"}.get(text[at], text[at])
            elif text[at] == "$":
                raise ValueError("a variable")
            else:
                value += text[at]
            at += 1
        if text[at : at + 3] != '";\n':
            raise ValueError(f"goes on after its quotes: {text[at:at + 20]!r}")
        values.append(value)
        at += 1
    return values


def read_properties(text: str) -> list[str]:
    return [trimmed_property(line) for line in text.split("\n") if line]


def trimmed_property(line: str) -> str:
    # After the name come blanks, then perhaps one sign, and blanks again.
    value = re.sub(r"^[ \t\f]+[=:]?[ \t\f]*", "", line[line.index(" ") :])
    # Whatever is escaped otherwise is itself.
    value = re.sub(
        r"\\(u[0-9a-f]{4}|.)",
        lambda found: chr(int(found[1][1:], 16)) if len(found[1]) == 5 else {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}.get(found[1], found[1]),
        value,
    )
    # Java's characters are units of UTF-16.
    return value.encode("utf-16", "surrogatepass").decode("utf-16").strip()


def read_unit(text: str) -> list[str]:
    return [line.split("=", 1)[1].strip().replace("%%", "%") for line in text.split("\n") if line]


def read_words(text: str) -> list[str]:
    return [line.split("#")[0].split()[1] for line in text.split("\n") if line]


READERS = {
    "xml": read_xml,
    "html": read_html,
    "json": json.loads,
    "python": ast.literal_eval,
    "ini": read_ini,
    "environment": read_environment,
    "nginx": read_nginx,
    "properties": read_properties,
    "unit": read_unit,
    "word": read_words,
}

with open(sys.argv[2], encoding="utf-8", newline="") as file:
    print(json.dumps(READERS[sys.argv[1]](file.read())))
