"""Drives the console by a real Chromium, and says what does not hold: one line for each fault, none where all is well.

console.py BASE NAME PASSWORD [--shots FOLDER]
"""

import argparse
import pathlib
import re
import sys

import axe_core_python
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

PAGES = [
    "/", "/trace", "/trace?q=rechnung&hours=8760", "/queue", "/suppressions", "/returns", "/pauses", "/explain?text=550+5.1.1+no+such+user", "/alerts", "/alerts?all=yes",
    "/restricted", "/restricted?all=yes", "/throttles?all=yes", "/limits", "/service-limits", "/policies", "/policies/default",
    "/policies/test?sender=kim.mueller%40northwind.test&external=9", "/requests?all=yes", "/accounts", "/connectors", "/groups", "/groups/alle%40northwind.test", "/group-posts", "/ldap-servers", "/domains",
    "/connectors/scanner?try=root%40printer", "/routes", "/routes/partner-relay", "/sources", "/sources/vienna", "/sources/vienna/google", "/shaping", "/rules", "/rules?text=421+4.7.0+try+again+later&provider=google",
    "/rules/replay", "/reputation", "/rules/google.rate", "/dkim", "/domain-health", "/domain-reports", "/tls-reports", "/setup", "/sign-in-providers", "/sessions", "/keys", "/notices", "/nodes", "/audit", "/me", "/me/security", "/help", "/help/administration", "/help/api", "/go", "/go?q=spam",
    "/simulations", "/twin", "/review", "/scanning", "/scanning/trial?days=90&weights=html.form%3D20", "/duplicates", "/pools", "/lists", "/subscribers", "/campaigns",
    "/advise?recipients=500&external=yes", "/nothing",
]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE = next(pathlib.Path(axe_core_python.__file__).parent.rglob("axe*.js")).read_text()
WAIT = 60
faults = []


def fault(text):
    faults.append(text)


class Browser:
    """One window, of a width, light or dark, with scripts or without."""

    def __init__(self, arguments, width=1280, dark=False, scripts=True):
        self.base = arguments.base
        options = webdriver.ChromeOptions()
        for option in ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", f"--window-size={width},1000"]:
            options.add_argument(option)
        if width < 500:
            options.add_experimental_option("mobileEmulation", {"deviceMetrics": {"width": width, "height": 844, "pixelRatio": 1.0}})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
        self.driver.set_page_load_timeout(WAIT)
        self.driver.set_script_timeout(WAIT)
        self.name = f"{width}{' dark' if dark else ''}{'' if scripts else ' without scripts'}"
        if not scripts:
            # Chromium's driver itself clicks by scripts; ours is the one that is not to come.
            self.driver.execute_cdp_cmd("Network.enable", {})
            self.driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["*console.js*"]})
        if dark:
            media = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
            self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.driver.quit()

    def open(self, path):
        self.driver.get(self.base + path)

    @property
    def path(self):
        return self.driver.current_url.removeprefix(self.base)

    def text(self, selector="main"):
        return self.driver.find_element(By.CSS_SELECTOR, selector).text

    def click(self, by, what):
        self.follow(self.driver.find_element(by, what))

    def follow(self, element):
        """Clicks what leads to another page, and waits for that."""
        page = self.driver.find_element(By.TAG_NAME, "html")
        element.click()
        # While one page goes and the next comes, asking for either may fail.
        wait = WebDriverWait(self.driver, WAIT, ignored_exceptions=[WebDriverException])
        wait.until(lambda driver: driver.find_element(By.TAG_NAME, "html") != page and driver.find_elements(By.CSS_SELECTOR, "footer"))

    def fill(self, form, **fields):
        """Fills in the form whose title or label is `form`, as a person would, and sends it off."""
        for found in self.driver.find_elements(By.CSS_SELECTOR, "main form"):
            titles = [found.get_attribute("aria-label")] + [title.get_attribute("textContent") for title in found.find_elements(By.TAG_NAME, "h2")]
            if form in titles:
                break
        else:
            raise RuntimeError(f"{self.path} has no form {form}")
        folded = found.find_elements(By.XPATH, "./ancestor::details[not(@open)]")
        if folded:
            folded[0].find_element(By.TAG_NAME, "summary").click()
        for name, value in fields.items():
            field = found.find_elements(By.NAME, name)
            kind = field[0].get_attribute("type")
            if kind in ("radio", "checkbox"):
                for choice in field:
                    wanted = choice.get_attribute("value") in (value if isinstance(value, list) else [value])
                    if choice.is_selected() != wanted and (kind == "checkbox" or wanted):
                        choice.click()
            elif field[0].tag_name == "select":
                Select(field[0]).select_by_value(value)
            else:
                field[0].clear()
                field[0].send_keys(value)
        button = found.find_element(By.CSS_SELECTOR, ".buttons button")
        # What a browser would not send off is for it to say.
        missing = found.find_elements(By.CSS_SELECTOR, ":invalid")
        button.click() if missing else self.follow(button)

    def sign_in(self, name, password):
        self.open("/sign-in")
        self.driver.find_element(By.NAME, "name").send_keys(name)
        self.driver.find_element(By.NAME, "password").send_keys(password)
        self.click(By.CSS_SELECTOR, "main form button")

    def expect(self, condition, text):
        if not condition:
            fault(f"{self.name}: {text} (at {self.path})")

    def check_page(self, path):
        """Accessible, within its width, and without a word in the browser's log."""
        self.open(path)
        self.driver.execute_script(AXE)
        run = "const done = arguments[1]; axe.run({runOnly: arguments[0]}).then(done)"
        for violation in self.driver.execute_async_script(run, RULES)["violations"]:
            self.expect(False, f"{violation['id']}: {violation['nodes'][0]['html'][:200]}")
        beyond = self.driver.execute_script("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
        self.expect(beyond <= 0, f"is {beyond} pixels too wide")
        for entry in self.driver.get_log("browser"):
            if path != "/nothing":
                self.expect(False, f"the browser says: {entry['message'][:200]}")

    def shot(self, path, file, height=None):
        self.open(path)
        size = self.driver.execute_script("return [document.documentElement.clientWidth, document.documentElement.scrollHeight]")
        metrics = {"width": size[0], "height": min(height or size[1], 3000), "deviceScaleFactor": 1, "mobile": size[0] < 500}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        self.driver.save_screenshot(str(file))
        self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def every_page(arguments):
    for width, dark in [(1280, False), (390, True)]:
        with Browser(arguments, width, dark) as browser:
            browser.sign_in(arguments.name, arguments.password)
            for path in PAGES:
                browser.check_page(path)


def core_flows(browser, arguments, sender):
    """What must work with scripts and without."""
    browser.sign_in(arguments.name, "a wrong password")
    browser.expect("is wrong" in browser.text(), "a wrong password is not said to be wrong")
    browser.sign_in(arguments.name, arguments.password)
    browser.expect(browser.path == "/", "signing in does not lead to the overview")

    # From the overview to the cause of a bounce: two clicks.
    browser.click(By.PARTIAL_LINK_TEXT, "bounced")
    browser.expect(browser.path.startswith("/trace"), "the figure of bounces leads elsewhere")
    browser.click(By.CSS_SELECTOR, "tbody th a")
    # Whichever bounced last: providers have codes of their own.
    browser.expect(re.search(r"\b5\d\d[ -]", browser.text(".timeline")), "the receiver's words are missing")

    # From the alert to the release.
    browser.open("/")
    browser.click(By.PARTIAL_LINK_TEXT, f"{sender} may not send")
    browser.click(By.LINK_TEXT, "Evidence and release")
    browser.expect("near duplicates" in browser.text(), "the evidence is missing")
    browser.fill("Release", checks=["password-changed", "cause-fixed"], mail="cancel", reason="the password was stolen; it is changed")
    browser.expect("Are you sure?" in browser.text("h1"), "mail is cancelled without a question")
    browser.click(By.XPATH, "//main//button[text()='Release']")
    browser.expect("may send again" in browser.text(), "the release is not said")
    browser.open("/restricted")
    browser.expect(sender not in browser.text(), "the sender is still restricted")

    # The stop button.
    browser.open("/pauses")
    browser.fill("Stop mail", scope="external", reason="")
    browser.expect(browser.path == "/pauses", "a stop without a reason was taken")
    browser.fill("Stop mail", scope="external", reason="a list was sent twice")
    browser.expect("Paused: external" in browser.text(), "the stop is not said")
    browser.open("/")
    browser.expect("Paused: external" in browser.text(), "the overview does not say what is paused")
    browser.open("/pauses")
    browser.fill("End the pause of external")
    browser.expect("Nothing is paused" in browser.text(), "the stop did not end")

    delivery_flows(browser)

    browser.click(By.XPATH, "//button[text()='Sign out']")
    browser.open("/trace")
    browser.expect(browser.path.startswith("/sign-in"), "signing out left the session open")


def delivery_flows(browser):
    # A limit for a route's account, and one of one's own.
    browser.open("/routes/partner-relay")
    browser.fill("Limits of a provider's account", preset="department-relay")
    browser.expect("300 messages per minute" in browser.text(), "the route does not show its limits")
    browser.open("/shaping")
    browser.fill("Add a policy", name="night", provider="google", messages="30/min", hours="20:00-06:00")
    browser.expect(browser.path == "/shaping/night", "a policy was not put")
    browser.fill("Change", messages="often")
    browser.expect("often is no rate" in browser.text(), "a wrong rate is not said to be wrong")
    browser.fill("Remove the policy night")
    browser.open("/shaping/partner-relay")
    browser.fill("Remove the policy partner-relay")
    browser.expect("None: a route" in browser.text(), "the policies are still there")

    # A rule: tested, proved, put, removed.
    browser.open("/rules")
    browser.fill("Test this reply", text="421 4.7.28 Our system has detected an unusual rate of unsolicited mail", provider="google")
    browser.expect("The rule google." in browser.text(), "the reply meets no rule")
    browser.open("/rules")
    browser.fill("Write a rule", name="partner.busy", codes="451", words="come back", action="pause", seconds="600",
                 mustMatch="451 4.3.2 Come back later", mustNotMatch="451 4.7.1 Greylisted")
    browser.expect("not put yet" in browser.text(), "the rule was not tried first")
    browser.fill("Let it decide")
    browser.expect(browser.path == "/rules/partner.busy", "the rule was not put")
    browser.fill("Remove your rule partner.busy")
    browser.expect("partner.busy" not in browser.text("table"), "the rule is still there")


def public_pages(arguments):
    """A list's pages, as its readers see them: set up in the console, then without any session."""
    with Browser(arguments) as browser:
        browser.sign_in(arguments.name, arguments.password)
        browser.open("/lists")
        browser.fill("Make a list", name="readers", title="Northwind News")
        browser.open("/lists/readers/pages")
        browser.fill("Settings", on=["sign-up", "archive", "tracking"])
        browser.expect("without a sender" in browser.text(), "a form without a sender was taken")
        # The browser notes each refusal; this one was wanted.
        browser.driver.get_log("browser")
        browser.fill("Settings", **{"on": ["sign-up", "archive", "tracking"], "from": "News <news@northwind.test>", "about": "Once a month."})
        browser.expect("are changed" in browser.text(), "the pages are not set")
        browser.check_page("/lists/readers/pages")

        # A file, step by step.
        browser.open("/lists/readers/import")
        browser.fill("1 of 3: the file", content="Kontakt,first name\nada@example.net,Ada\nnobody,Bob\nada@example.net,Again\n")
        browser.expect("2 of 3" in browser.text(), "the upload leads nowhere")
        steps = browser.path
        browser.check_page(steps)
        browser.fill("2 of 3: the columns", **{"column-0": "address"})
        browser.expect("Kontakt" in browser.text("table") and "nobody" in browser.text("table"), "the error is not at its cell")
        browser.check_page(steps)
        browser.fill("3 of 3: where they come from", source="sign-up")
        WebDriverWait(browser.driver, WAIT, ignored_exceptions=[WebDriverException]).until(lambda _: "1 people added" in browser.text())
        browser.check_page("/subscribers/ada@example.net/certificate")
        browser.expect("import" in browser.text(".timeline"), "the certificate does not say where the consent comes from")
    for width, dark, scripts in [(1280, False, True), (390, True, False)]:
        with Browser(arguments, width, dark, scripts) as browser:
            for path in ["/l/readers", "/l/readers?lang=de", "/l/readers/archive", "/l/readers?lang=fr"]:
                browser.check_page(path)
            browser.open("/l/readers?lang=es")
            browser.expect(browser.driver.find_element(By.TAG_NAME, "html").get_attribute("lang") == "es", "the page is not Spanish")
            browser.driver.find_element(By.NAME, "email").send_keys(f"reader{width}@example.net")
            browser.driver.find_element(By.CSS_SELECTOR, "form button").click()
            WebDriverWait(browser.driver, WAIT, ignored_exceptions=[WebDriverException]).until(lambda _: "buzón" in browser.text())
            browser.expect(not browser.driver.get_cookies(), "a public page sets cookies")


def live_parts(arguments):
    """What changes shows itself without a reload."""
    with Browser(arguments) as browser, Browser(arguments) as other:
        for window in (browser, other):
            window.sign_in(arguments.name, arguments.password)
        browser.open("/")
        browser.driver.execute_script("window.kept = true")
        other.open("/pauses")
        other.fill("Stop mail", scope="all", reason="to be seen elsewhere")
        WebDriverWait(browser.driver, WAIT).until(lambda _: "Paused: all" in browser.text("#needs"))
        browser.expect(browser.driver.execute_script("return window.kept === true"), "the page was loaded again")
        other.fill("End the pause of all")


def keyboard(arguments):
    with Browser(arguments) as browser:
        browser.sign_in(arguments.name, arguments.password)
        active = browser.driver.switch_to.active_element
        active.send_keys("\t")
        browser.expect(browser.driver.switch_to.active_element.text == "Skip to the content", "the first stop is not the skip link")
        browser.driver.find_element(By.TAG_NAME, "body").send_keys("/")
        browser.driver.switch_to.active_element.send_keys("gmail.test\n")
        WebDriverWait(browser.driver, WAIT).until(lambda _: browser.path.startswith("/trace?q=gmail.test"))
        browser.expect("is in the domain gmail.test" in browser.text(), "the search does not say how it was read")


def shots(arguments):
    folder = pathlib.Path(arguments.shots)
    folder.mkdir(parents=True, exist_ok=True)
    with Browser(arguments) as browser:
        browser.sign_in(arguments.name, arguments.password)
        browser.shot("/", folder / "overview.png", 1700)
        browser.shot("/restricted/sender%3Akim.mueller%40northwind.test", folder / "restricted.png", 1500)
        browser.open("/trace?status=bounced&hours=8760")
        path = browser.driver.find_element(By.CSS_SELECTOR, "tbody th a").get_attribute("href").removeprefix(browser.base)
        browser.shot(path, folder / "message.png", 1300)
        browser.shot("/trace?q=gmail.test", folder / "trace.png", 1000)
        browser.shot("/rules/google.rate", folder / "rule.png", 850)
        browser.shot("/sources/vienna/google", folder / "warm-up.png", 1300)
    with Browser(arguments, 390, True) as browser:
        browser.sign_in(arguments.name, arguments.password)
        browser.shot("/", folder / "phone.png", 844)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("base")
    parser.add_argument("name")
    parser.add_argument("password")
    parser.add_argument("--shots")
    arguments = parser.parse_args()
    if arguments.shots:
        return shots(arguments)
    every_page(arguments)
    with Browser(arguments) as browser:
        core_flows(browser, arguments, "kim.mueller@northwind.test")
    with Browser(arguments, 390, scripts=False) as browser:
        core_flows(browser, arguments, "uwe.frank@northwind.test")
    live_parts(arguments)
    keyboard(arguments)
    public_pages(arguments)
    print("\n".join(faults))
    return 1 if faults else 0


sys.exit(main())
