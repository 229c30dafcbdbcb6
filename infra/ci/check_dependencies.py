"""Holds every crate of the lockfile to deny.toml: licences, bans, wildcards and sources.

The part of cargo-deny that needs nothing but `cargo metadata`. Usage: check_dependencies.py [--deny deny.toml]
"""

import argparse
import json
import re
import subprocess
import sys

try:
    import tomllib
except ModuleNotFoundError:  # before Python 3.11
    from pip._vendor import tomli as tomllib


def permitted(expression, allowed):
    """Whether an SPDX expression can be satisfied with the allowed licences.

    >>> permitted("MIT OR GPL-3.0-only", {"MIT"})
    True
    >>> permitted("MIT AND GPL-3.0-only", {"MIT"})
    False
    >>> permitted("MIT/Apache-2.0", {"Apache-2.0"})
    True
    >>> permitted("ISC AND (Apache-2.0 OR ISC)", {"ISC"})
    True
    >>> permitted("Apache-2.0 WITH LLVM-exception", {"Apache-2.0"})
    False
    >>> permitted(None, {"MIT"})
    False
    """
    if not expression:
        return False
    tokens = re.findall(r"[()]|[\w.+-]+(?: WITH [\w.+-]+)?", expression.replace("/", " OR "))

    def either():
        result = both()
        while tokens and tokens[0] == "OR":
            tokens.pop(0)
            result = both() or result
        return result

    def both():
        result = one()
        while tokens and tokens[0] == "AND":
            tokens.pop(0)
            result = one() and result
        return result

    def one():
        token = tokens.pop(0)
        if token != "(":
            return token in allowed
        result = either()
        tokens.pop(0)
        return result

    return either()


def problems(packages, rules):
    """What is wrong with the packages, one line each.

    >>> rules = {"licenses": {"allow": ["MIT"]}, "bans": {"wildcards": "deny", "deny": [{"name": "bad"}]},
    ...          "sources": {"allow-registry": ["https://github.com/rust-lang/crates.io-index"]}}
    >>> index = "registry+https://github.com/rust-lang/crates.io-index"
    >>> crate = {"version": "1.0.0", "license": "MIT", "source": index, "dependencies": []}
    >>> list(problems([crate | {"name": "good"}], rules))
    []
    >>> list(problems([crate | {"name": "bad"}, crate | {"name": "odd", "license": "GPL-3.0-only"}], rules))
    ['bad 1.0.0: is banned', 'odd 1.0.0: licence GPL-3.0-only is not allowed']
    >>> list(problems([crate | {"name": "git", "source": "git+https://example.com/x"}], rules))
    ['git 1.0.0: source git+https://example.com/x is not allowed']
    >>> star = {"name": "x", "req": "*", "source": index}
    >>> list(problems([crate | {"name": "ours", "source": None, "dependencies": [star]}], rules))
    ['ours 1.0.0: any version of x will do']
    """
    allowed = set(rules["licenses"]["allow"])
    banned = {entry["name"]: entry.get("reason") for entry in rules["bans"]["deny"]}
    sources = {f"registry+{url}" for url in rules["sources"]["allow-registry"]}
    for package in packages:
        name = f"{package['name']} {package['version']}"
        if package["name"] in banned:
            reason = banned[package["name"]]
            yield f"{name}: is banned" + (f": {reason}" if reason else "")
        if not permitted(package["license"], allowed):
            yield f"{name}: licence {package['license']} is not allowed"
        if package["source"] is None:
            for dependency in package["dependencies"]:
                if dependency["source"] and dependency["req"] == "*":
                    yield f"{name}: any version of {dependency['name']} will do"
        elif package["source"] not in sources:
            yield f"{name}: source {package['source']} is not allowed"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--deny", default="deny.toml")
    with open(parser.parse_args().deny, "rb") as file:
        rules = tomllib.load(file)
    command = ["cargo", "metadata", "--format-version", "1", "--locked", "--all-features"]
    packages = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)["packages"]
    found = list(problems(packages, rules))
    print(*found, f"{len(packages)} packages, {len(found)} problems", sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
