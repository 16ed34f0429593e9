"""Opens a report in headless Chromium, uses it as a person would, and prints what was seen, as JSON.

    page.py REPORT.html SEARCH [SCREENSHOT.png]
"""

import json
import pathlib
import shutil
import sys
import time

from playwright.sync_api import sync_playwright


def main():
    page_path = pathlib.Path(sys.argv[1]).resolve()
    search = sys.argv[2]
    seen = {"console": [], "requests": []}
    arguments = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
        for scheme in ["light", "dark"]:
            page = browser.new_page(color_scheme=scheme, viewport={"width": 1280, "height": 900})
            page.on("console", lambda message: seen["console"].append(f"{message.type}: {message.text}"))
            page.on("pageerror", lambda error: seen["console"].append(f"error: {error}"))
            page.on("request", lambda request: seen["requests"].append(request.url))
            page.on("dialog", lambda dialog: (seen["console"].append(f"dialog: {dialog.message}"), dialog.dismiss()))
            began = time.monotonic()
            page.goto(page_path.as_uri())
            page.wait_for_selector("#list button, #told:not(:empty)")
            seen["seconds_to_show"] = time.monotonic() - began
            seen[f"ground_{scheme}"] = page.evaluate("getComputedStyle(document.body).backgroundColor")
            if scheme == "light":
                use(page, search, seen)
            if len(sys.argv) > 3:
                page.screenshot(path=sys.argv[3].replace(".png", f"-{scheme}.png"), full_page=True)
            page.close()
        browser.close()
    seen["requests"] = [url for url in seen["requests"] if not url.startswith("data:")]
    json.dump(seen, sys.stdout)


def use(page, search, seen):
    told = lambda: page.inner_text("#told")
    listed = lambda: page.eval_on_selector_all("#list button", "buttons => buttons.map(button => button.firstChild.data)")
    seen["lead"] = page.inner_text("#lead")
    seen["all"] = told()
    # By keys alone: search, then the first article.
    page.keyboard.press("/")
    page.keyboard.type(search)
    page.wait_for_function("before => document.getElementById('told').textContent !== before", arg=seen["all"], timeout=5000)
    seen["found"] = told()
    seen["listed"] = listed()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    seen["heading"] = page.inner_text("#reader h3")
    seen["text"] = page.eval_on_selector("#reader .text", "it => it.textContent")
    classes = lambda name: page.eval_on_selector_all(f"#reader .text .{name}", "its => its.map(it => it.textContent)")
    for name in ["target", "imposer", "evidence", "trigger"]:
        seen[name] = classes(name)
    page.click("#reader .measures button")
    seen["lit"] = classes("lit")
    page.fill("#search", "")
    page.wait_for_timeout(400)
    page.select_option("#status", "lifted")
    seen["lifted"] = listed()
    page.select_option("#status", "")
    page.click(".tiles button[data-code=IR]")
    seen["of_iran"] = listed()
    seen["elements_from_texts"] = page.eval_on_selector_all("main img, main iframe, main script, main b b", "its => its.length")


if __name__ == "__main__":
    main()
