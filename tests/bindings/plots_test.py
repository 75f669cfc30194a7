"""Figures: what a reader needs stands in them, and they come from the run and from nothing else."""

from __future__ import annotations

import pathlib
from typing import Any, Iterator

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import windtunnel as wt

SCENARIOS = pathlib.Path(__file__).parents[2] / "scenarios"


@pytest.fixture(autouse=True)
def drawn_and_closed() -> Iterator[None]:
    """Every figure that a test leaves is drawn, with warnings as errors, and closed."""
    yield
    for number in plt.get_fignums():
        plt.figure(number).canvas.draw()
    plt.close("all")


@pytest.fixture(scope="module")
def leader_loss() -> wt.Run:
    return wt.run(SCENARIOS / "leader-loss.json")


@pytest.fixture(scope="module")
def campaign() -> wt.Campaign:
    return wt.campaign(SCENARIOS / "leader-loss.json", range(1, 9), set={"duration": "35s"})


def texts(ax: Any) -> list[str]:
    return [text.get_text() for text in ax.texts]


def test_a_timeline_has_a_lane_for_each_leader_and_a_bar_for_each_term(leader_loss: wt.Run) -> None:
    ax = wt.plot.timeline(leader_loss)
    assert [label.get_text() for label in ax.get_yticklabels()] == sorted(set(leader_loss.leaders["host"]))
    assert {"leads, term 1", "leads, term 2"} <= set(texts(ax))


def test_a_timeline_says_what_struck_in_what_run_and_in_what_unit(leader_loss: wt.Run) -> None:
    ax = wt.plot.timeline(leader_loss)
    assert "leader-loss (crash)" in texts(ax)
    assert leader_loss.scenario in ax.get_title(loc="left") and "seed 7" in ax.get_title(loc="left")
    panels = ax.figure.axes
    assert len(panels) == 3 and panels[-1].get_xlabel() == "virtual time, s"


def test_a_term_ends_in_a_timeline_where_its_leader_crashed(leader_loss: wt.Run) -> None:
    from windtunnel.plot.lanes import lanes_of

    bars = [bar for lane in lanes_of(leader_loss, 0, 60) for bar in lane.bars]
    assert [bar.number for bar in sorted(bars)] == [1, 2]
    assert sorted(bars)[0].end == leader_loss.faults["injected_at"][0]
    assert sorted(bars)[1].end == leader_loss.length


def test_ejections_have_lanes_in_the_order_of_their_numbers() -> None:
    from windtunnel.plot.lanes import lanes_of

    run = wt.run(SCENARIOS / "zone-loss.json")
    lanes = [lane for lane in lanes_of(run, 0, 90) if lane.name.endswith("ejected")]
    assert [lane.name for lane in lanes] == [f"web-{i} ejected" for i in (3, 6, 9, 12)]
    assert all(bar.text == "by 2 proxies" for lane in lanes for bar in lane.bars)
    assert not [lane for lane in lanes_of(run, 0, 20) if lane.name.endswith("ejected")], "nothing was ejected by then"


def test_a_breaker_has_a_lane_while_it_is_open() -> None:
    from windtunnel.plot.lanes import lanes_of

    scenario = wt.plan(SCENARIOS / "zone-loss.json").json
    for route in scenario["policies"].values():
        route["breaker"] = {"consecutive_errors": 3}
        route.pop("outlier", None)
    run = wt.run(scenario, set={"timeline.zone-loss.host_loss": "web-*"})
    opened = run.proxy_changes[(run.proxy_changes["what"] == "breaker") & (run.proxy_changes["state"] == "open")]
    [lane] = [lane for lane in lanes_of(run, 0, 90) if lane.name == "breaker to checkout"]
    assert lane.bars[0].begin == opened["at"].iloc[0]


def test_a_recovery_curve_is_the_share_of_seeds_that_have_recovered(campaign: wt.Campaign) -> None:
    ax = wt.plot.recovery_cdf(campaign, "leader-loss")
    [curve] = [line for line in ax.lines if line.get_drawstyle() == "steps-post"]
    recovery = np.sort(campaign.measures["control_plane.recovery_time@leader-loss"])
    np.testing.assert_allclose(curve.get_xdata()[1:], recovery)
    np.testing.assert_allclose(curve.get_ydata()[1:], np.arange(1, 9) / 8)


def test_the_parts_below_a_recovery_curve_add_up_to_the_mean_recovery_time(campaign: wt.Campaign) -> None:
    ax = wt.plot.recovery_cdf(campaign, "leader-loss")
    parts = ax.figure.axes[1]
    mean = campaign.measures["control_plane.recovery_time@leader-loss"].mean()
    assert max(bar.get_x() + bar.get_width() for bar in parts.patches) == pytest.approx(mean)


def test_seeds_that_never_recover_keep_a_curve_below_one() -> None:
    class Censored:
        measures = pd.DataFrame({"checkout.recovery_time@outage": [1.0, 2.0, np.inf, np.inf]}, index=[1, 2, 3, 4])

    ax = wt.plot.recovery_cdf(Censored(), measure="checkout.recovery_time")
    assert ax.lines[0].get_ydata()[-1] == 0.5
    assert "4 seeds, 2 of which never recover" in texts(ax)


def test_several_campaigns_are_told_apart_by_name_and_not_by_colour_alone(campaign: wt.Campaign) -> None:
    ax = wt.plot.recovery_cdf({"one": campaign, "two": campaign}, label="timeout")
    legend = ax.get_legend()
    assert legend.get_title().get_text() == "timeout"
    assert [text.get_text().split(":")[0] for text in legend.get_texts()] == ["one", "two"]
    assert len({line.get_linestyle() for line in ax.lines}) == 2


def test_which_fault_has_to_be_said_where_there_are_several(campaign: wt.Campaign) -> None:
    with pytest.raises(ValueError, match="which fault"):
        wt.plot.recovery_cdf(campaign, measure="checkout.recovery_time")


def test_a_convergence_curve_ends_where_the_measure_says() -> None:
    run = wt.run(SCENARIOS / "policy-change.json")
    [change] = run.policy_changes["id"]
    ax = wt.plot.convergence(run)
    curve = ax.lines[0]
    assert curve.get_xdata()[-1] == pytest.approx(run.measures["value"][f"policy.convergence.max@{change}"], abs=1e-9)
    assert curve.get_ydata()[-1] == 1.0


def test_a_topology_counts_every_host_once() -> None:
    plan = wt.plan(SCENARIOS / "zone-loss.json")
    ax = wt.plot.topology(plan)
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["control plane (3)", "checkout (12)", "client (2)", "others (1)"]
    assert {"zone a", "zone b", "zone c", "region east"} <= set(texts(ax))


def test_regions_stand_side_by_side_with_the_distance_between_them() -> None:
    scenario = wt.plan(SCENARIOS / "zone-loss.json").json
    scenario["topology"]["zones"]["c"] = "west"
    ax = wt.plot.topology(wt.plan(scenario))
    assert {"region east", "region west", "35ms"} <= set(texts(ax))
    assert any("between regions 35ms" in text for text in texts(ax))


def test_a_latency_map_counts_every_request_that_succeeded() -> None:
    run = wt.run(SCENARIOS / "zone-loss.json")
    ax = wt.plot.latency_heatmap(run, "checkout")
    cells = ax.collections[0].get_array()
    succeeded = (run.requests("checkout")["outcome"] == "ok").sum()
    assert np.nansum(np.ma.filled(cells.astype(float), np.nan)) == succeeded
    assert ax.get_yscale() == "log" and ax.get_ylabel() == "latency (log scale)"


def test_figures_are_methods_of_what_they_draw(leader_loss: wt.Run, campaign: wt.Campaign) -> None:
    figure, axes = plt.subplots(3, 1, constrained_layout=True)
    assert leader_loss.plot_timeline(ax=axes[0]) is axes[0]
    assert leader_loss.plot_latency(ax=axes[1], between=(15, 30)) is axes[1]
    assert campaign.plot_recovery(ax=axes[2]) is axes[2]
    assert leader_loss.plan.plot_topology() is not None
    assert wt.run(SCENARIOS / "policy-change.json").plot_convergence() is not None


def test_figures_leave_the_settings_of_their_caller_alone(leader_loss: wt.Run) -> None:
    before = dict(matplotlib.rcParams)
    wt.plot.timeline(leader_loss)
    assert dict(matplotlib.rcParams) == before


def test_a_notebook_shows_verdict_expectations_and_chain_of_a_run(leader_loss: wt.Run) -> None:
    shown = leader_loss._repr_html_()
    assert "✓ pass" in shown and "Recovery of leader-loss: 1.403 s" in shown
    assert shown.count("<tr>") == 1 + 6 + 2, "a head, an expectation each, and the two parts that took time"
    assert "style" not in shown, "a forge strips styles"


def test_a_notebook_shows_the_text_of_a_scenario_as_text() -> None:
    scenario = wt.plan(SCENARIOS / "leader-loss.json").json
    scenario["name"] = "<script>1 < 2 & 3</script>"
    assert "&lt;script&gt;1 &lt; 2 &amp; 3" in wt.run(scenario)._repr_html_()
    assert "<script>" not in wt.plan(scenario)._repr_html_()


def test_a_notebook_shows_the_statistics_of_a_campaign(campaign: wt.Campaign) -> None:
    shown = campaign._repr_html_()
    assert "8 seeds: 8 pass" in shown and "control_plane.recovery_time@leader-loss" in shown
