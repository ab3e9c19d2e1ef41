"""The mutants that survived `mutmut run`, each with its change, as Markdown."""

import subprocess


def output(*arguments: str) -> str:
    return subprocess.run(["mutmut", *arguments], capture_output=True, text=True, check=True).stdout


def main() -> None:
    lines = [line.strip().partition(": ") for line in output("results").splitlines()]
    names = [name for name, _, fate in lines if fate == "survived"]
    print(f"# {len(names)} mutants survived\n")
    for name in names:
        changed = [
            line for line in output("show", name).splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")
        ]
        print(f"{name}\n```diff\n" + "\n".join(changed) + "\n```")


if __name__ == "__main__":
    main()
