"""A small report for projects of their own."""

import nbformat

SMALL = """
import analysis as an
an.start_report("{name}", lang=lang, parameters={{"state": state}})
table = an.select_state(an.load_panel(), state)
head = an.title_state(state, "sesnsp", "2019-07", "")
"""
SHOW = """
rates = an.select_recent_rates(an.load_panel())
an.show_title(head)
an.show_points(an.point_state_rank(rates, state))
an.show_figure(an.plot_ranking(rates), an.caption_ranking(rates, state), rates, name="ranking")
an.show_sureness(["a"], ["b"], ["c"]); an.show_methods("how", "methods.md")
"""


def write_notebook(checkout, name, *cells):
    parameters = 'state: str = "Durango"  # a state\nlang: str = "en"  # language'
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]})]
    notebook.cells += [nbformat.v4.new_code_cell(cell.strip()) for cell in cells]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook.metadata["kernelspec"] = kernel
    nbformat.write(notebook, checkout / "notebooks" / f"{name}.ipynb")
