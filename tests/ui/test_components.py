"""Each component's HTML: what a screen reader, a phone and a stylesheet rely on."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation
from lxml import html

from citysteward.lib.words import Words
from citysteward.ui.charts import Axis, bars
from citysteward.ui.types import (
    Column,
    Figure,
    Link,
    Money,
    Photo,
    Step,
    SummaryItem,
    Tab,
    Table,
    Tag,
    Task,
    Tile,
)
from citysteward.ui.widgets import CameraInput, DateInput

NOW = datetime(2016, 1, 13, 5, tzinfo=UTC)


def rendered(source: str, **context: Any) -> str:
    return Template("{% load ui %}" + source).render(Context(context))


def tree(source: str, **context: Any) -> Any:
    return html.fragment_fromstring(rendered(source, **context), create_parent="div")


class Report(forms.Form):
    subject = forms.CharField(label="What?", help_text="A few words.")
    kind = forms.ChoiceField(
        label="Kind", choices=[("a", "Light"), ("b", "Road")], widget=forms.RadioSelect
    )
    day = forms.DateField(widget=DateInput, required=False)
    photo = forms.FileField(widget=CameraInput, required=False)
    agree = forms.BooleanField(required=False, label="Call me")
    secret = forms.CharField(widget=forms.HiddenInput, required=False)


def test_a_table_stacks_and_stays_a_table() -> None:
    table = Table(
        [Column("name", Words(en="Name", zh="名称")), Column("n", "Cases", numeric=True)],
        [{"name": Link("A", "/a"), "n": 5799}, {"name": "B", "n": None, "_current": True}],
        caption="All",
        foot={"n": 5799},
    )
    found = tree("{% data_table table %}", table=table)
    assert found.xpath("//caption/text()") == ["All"]
    assert found.xpath("//td/@data-label") == ["Name", "Cases", "Name", "Cases", "Cases"]
    assert [td.text_content() for td in found.xpath("//tbody//td")] == ["A", "5,799", "B", "–"]
    assert found.xpath("//tbody//td/@class") == ["n", "n"]
    assert len(found.xpath("//tbody/tr[@aria-current='true']")) == 1
    # display:block takes a table's meaning away in some browsers; the roles keep it.
    assert len(found.xpath("//*[@role='row']")) == 4
    with translation.override("zh-hans"):
        assert "名称" in rendered("{% data_table table %}", table=table)


def test_an_empty_table_says_what_it_lacks() -> None:
    table = Table([Column("a", "A")], [], empty="Nothing waits.")
    assert "Nothing waits." in rendered("{% data_table table %}", table=table)
    assert "<table" not in rendered("{% data_table table %}", table=table)


def test_a_clock_tells_state_and_moment() -> None:
    due = NOW + timedelta(hours=7)
    shown = rendered("{% due_clock due now zone='America/New_York' %}", due=due, now=NOW)
    assert '<span class="tag warn">7 hours left</span>' in shown
    assert '<time datetime="2016-01-13T07:00:00-05:00">13 Jan 2016, 07:00</time>' in shown
    assert "time" not in rendered("{% due_clock due now %}", due=None, now=NOW)


def test_a_trail_marks_the_present_step() -> None:
    steps = [Step("Received", NOW, by="Ana"), Step("Check", state="now"), Step("End", state="todo")]
    found = tree("{% trail steps %}", steps=steps)
    assert found.xpath("//li/@class") == ["done", "now", "todo"]
    assert found.xpath("//li[@aria-current='step']/span/text()") == ["Check"]
    assert "(to come)" in found.xpath("//li[3]")[0].text_content()


def test_a_field_ties_label_hint_and_error_together() -> None:
    form = Report({"subject": ""})
    found = tree("{% field form.subject %}", form=form)
    control = found.xpath("//input")[0]
    assert found.xpath("//label/@for") == [control.get("id")]
    described = control.get("aria-describedby").split()
    assert described == ["id_subject_helptext", "id_subject_error"]
    assert [found.get_element_by_id(name).tag for name in described] == ["div", "div"]
    assert control.get("aria-invalid") == "true"


def test_radios_are_a_group_with_a_legend() -> None:
    form = Report({"subject": "x"})
    found = tree("{% field form.kind %}", form=form)
    assert found.xpath("//fieldset/legend")[0].text_content().strip() == "Kind"
    assert found.xpath("//label/@for") == found.xpath("//input/@id")
    assert found.xpath("//fieldset/@aria-describedby") == ["id_kind_error"]


def test_special_inputs() -> None:
    form = Report(initial={"day": NOW.date()})
    assert 'type="date"' in rendered("{% field form.day %}", form=form)
    with translation.override("zh-hans"):
        assert 'value="2016-01-13"' in rendered("{% field form.day %}", form=form)
        assert "（" not in rendered("{% field form.subject %}", form=form)
        assert "选填" in rendered("{% field form.day %}", form=form)
    assert 'capture="environment"' in rendered("{% field form.photo %}", form=form)
    assert rendered("{% field form.secret %}", form=form).count("<") == 1
    box = tree("{% field form.agree %}", form=form)
    assert [child.tag for child in box.xpath("//div[@class='choice']")[0]] == ["input", "label"]


def test_the_error_summary_leads_to_each_field() -> None:
    form = Report({})
    form.add_error(None, "The office is closed.")
    found = tree("{% error_summary form %}", form=form)
    assert found.xpath("//li/a/@href") == ["#id_subject", "#id_kind_0"]
    assert found.xpath("//li")[0].text_content() == "The office is closed."
    assert found.xpath("//li")[1].text_content() == "What: This field is required."
    assert rendered("{% error_summary form %}", form=Report()).strip() == ""


def test_pages_keep_the_rest_of_the_address(rf: RequestFactory) -> None:
    request = rf.get("/staff/?q=路灯&area=a&page=3")
    page = Paginator(range(100), 10).page(3)
    links = tree("{% pager page %}", page=page, request=request).xpath("//a/@href")
    assert len(links) >= 5
    assert all("q=" in link and "area=a" in link and link.count("page=") == 1 for link in links)
    single = Paginator(range(3), 10).page(1)
    assert rendered("{% pager page %}", page=single, request=request).strip() == ""


def test_filters_keep_what_is_not_theirs(rf: RequestFactory) -> None:
    class Filter(forms.Form):
        q = forms.CharField(required=False)

    request = rf.get("/staff/?q=lamp&tab=mine&tab=ours&page=4")
    found = tree("{% filters form %}", form=Filter(request.GET), request=request)
    kept = [(i.get("name"), i.get("value")) for i in found.xpath("//input[@type='hidden']")]
    assert kept == [("tab", "mine"), ("tab", "ours")]
    assert found.xpath("//input[@name='q']/@value") == ["lamp"]
    assert found.xpath("//form/@action") == ["/staff/"]


def test_revealing_is_a_post_that_names_what_it_shows() -> None:
    found = tree('{% masked "138****5678" "/reveal" "Phone" %}', csrf_token="t0")
    assert found.xpath("//form/@method") == ["post"]
    assert found.xpath("//input/@value") == ["t0"]
    assert found.xpath("//button")[0].text_content() == "Show Phone"
    assert not tree('{% masked "138****5678" %}').xpath("//form")


@pytest.mark.parametrize(
    ("tone", "role"),
    [("good", "status"), ("late", "alert"), ("warn", "alert"), ("quiet", "status")],
)
def test_a_banner_interrupts_only_for_trouble(tone: str, role: str) -> None:
    source = "{% banner title='T' tone=tone %}<p>x</p>{% endbanner %}"
    assert tree(source, tone=tone).xpath(f"//div[@role='{role}']/p/text()") == ["T", "x"]


def test_cards_stamps_and_figures() -> None:
    source = (
        "{% card title='Due' official=True %}{% stamp 'Sealed' 'segment 7' %}"
        "{% big_figure due 'Due' %}{% key_figures figures %}{% endcard %}"
    )
    figures = [Figure(Decimal("1.50"), "fixed", url="/f"), Figure(3, Words(zh="三"))]
    found = tree(source, due=Money(Decimal(9), "USD"), figures=figures)
    assert found.xpath("//section/@class") == ["card official"]
    assert found.xpath("//*[@class='stamp']/span/text()") == ["Sealed", "segment 7"]
    assert found.xpath("//dd/a/@href") == ["/f"]
    assert found.xpath("//dt/span/@lang") == ["zh-Hans"]


def test_lists_of_ways_and_tasks() -> None:
    found = tree(
        "{% tiles tiles %}{% task_list tasks %}{% tabs tabs %}{% summary_list facts %}"
        "{% photos p %}",
        tiles=[Tile("Report", "/r", "A photo")],
        tasks=[Task("Name", "/n", Tag("good", "Done"))],
        tabs=[Tab("Mine", "/m", current=True, count=1200)],
        facts=[SummaryItem("Area", "North", "/change")],
        p=[Photo("/p.jpg", Words(en="A hole", zh="坑洞"), full_url="/full.jpg")],
    )
    assert found.xpath("//a/@href") == ["/r", "/n", "/m", "/change", "/full.jpg"]
    assert found.xpath("//a[@aria-current]/span/text()") == ["1,200"]
    assert found.xpath("//a[@href='/change']")[0].text_content() == "Change Area"
    assert found.xpath("//img/@alt") == ["A hole"]


def test_long_work_refreshes_itself_until_it_is_done() -> None:
    running = rendered("{% progress 5 10 'Import' '/p' %}")
    assert 'hx-get="/p"' in running
    assert "<noscript>" in running
    assert "5 of 10, 50%" in running
    assert "hx-get" not in rendered("{% progress 10 10 'Import' '/p' %}")
    assert "0%" in rendered("{% progress 0 0 'Import' %}")


def test_buttons_and_links() -> None:
    assert rendered("{% button 'Send' name='a' value='b' %}") == (
        '<button class="btn" name="a" value="b">Send</button>'
    )
    assert (
        rendered("{% button 'Back' 'quiet' url='/b' %}")
        == '<a class="btn quiet" href="/b">Back</a>'
    )
    assert rendered("{% crumb 'Home' '/' %}{% crumb 'Here' %}") == (
        '<li><a href="/">Home</a></li><li aria-current="page">Here</li>'
    )


@pytest.mark.parametrize("elder", [True, False])
def test_elder_mode_shows_the_table_of_a_chart_at_once(*, elder: bool) -> None:
    rows = [{"name": "Parks", "cases": 3}]
    picture = bars(rows, Axis("name", "Department"), Axis("cases", "Cases"), title="T")
    found = tree("{% chart picture %}", picture=picture, elder=elder)
    assert bool(found.xpath("//details[@open]")) is elder
    assert [td.text_content() for td in found.xpath("//td")] == ["Parks", "3"]


def test_what_people_wrote_is_escaped_everywhere() -> None:
    evil = "<script>alert(1)</script>"
    shown = rendered(
        "{% tag 'good' evil %}{% card title=evil %}{{ evil }}{% endcard %}{% stamp evil %}"
        "{% trail steps %}{% tiles tiles %}{% data_table table %}{% empty_state evil evil %}"
        "{% words evil %}{% button evil url=evil %}{% crumb evil evil %}{% masked evil evil evil %}"
        "{% banner title=evil %}{% endbanner %}{% disclose evil %}{% enddisclose %}"
        "{% flow evil %}{% endflow %}{% progress 1 2 evil %}{% summary_list facts %}",
        evil=evil,
        steps=[Step(evil, note=evil, by=evil)],
        tiles=[Tile(evil, evil, evil)],
        table=Table([Column("a", evil)], [{"a": evil}], caption=evil),
        facts=[SummaryItem(evil, evil, evil)],
    )
    assert "<script" not in shown
    assert shown.count("&lt;script") > 20
