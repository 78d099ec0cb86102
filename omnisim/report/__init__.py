"""The page of a comparison, and beside it what machines read.

    write(comparison, folder) -> folder/report.html    one file, no script, no request to anywhere; prints on A4
                                 folder/figures/*.svg  each figure by itself
                                 folder/numbers.csv    every estimate and difference
                                 folder/run.json       hashes, seeds, versions, command

The same input gives the same bytes.  A reader of the folder sees each file whole, old or new, never half (see `files`).
"""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from omnisim.answers import Comparison


def write(comparison: "Comparison", folder: Path) -> Path:
    """Write the report of a comparison into a folder, made if need be; returns the path of report.html.

    Raises OSError where the folder cannot be written.
    """
    from omnisim.figures import FIGURES
    from omnisim.report import again, files, numbers, page, pictures
    from omnisim.report.english import TEXT

    folder = Path(folder)
    drawn = pictures.draw(comparison, TEXT)
    texts = {f"figures/{p.name}.svg": p.file for p in drawn}
    texts["numbers.csv"] = numbers.csv(comparison)
    texts["run.json"] = again.json_text(comparison)
    texts["report.html"] = page.html(comparison, drawn, TEXT)  # last: who sees a new page finds new figures
    for name, text in texts.items():
        files.write(folder / name, text)
    for name in (f"figures/{figure.NAME}.svg" for figure in FIGURES):
        if name not in texts:  # of an earlier report, about something this one has not
            (folder / name).unlink(missing_ok=True)
    return folder / "report.html"
