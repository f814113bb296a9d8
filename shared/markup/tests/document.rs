//! What becomes of what authors write.

use markup::html;

#[track_caller]
fn becomes(mdx: &str, wanted: &str) {
    assert_eq!(html(mdx).trim_end(), wanted);
}

#[test]
fn cells_are_aligned_without_a_style() {
    let table = html("| a | b | c |\n|---|:-:|--:|\n| 1 | 2 | 3 |\n");
    assert!(table.contains("<th>a</th><th class=\"centered\">b</th><th class=\"at-end\">c</th>"), "{table}");
    assert!(table.contains("<td>1</td><td class=\"centered\">2</td><td class=\"at-end\">3</td>"), "{table}");
}

#[test]
fn listings_say_what_their_parts_are() {
    let listing = html("```rust\nfn main() {}\n```\n");
    assert!(
        listing.starts_with("<pre tabindex=\"0\"><code>") && listing.contains("code-function"),
        "{listing}"
    );
    becomes("```nonsense\n<b>\n```\n", "<pre tabindex=\"0\"><code>&lt;b&gt;\n</code></pre>");
}

#[test]
fn formulas_are_drawn_and_shown_as_they_are_where_they_are_none() {
    let formula = html("$\\frac{a}{b}$");
    assert!(formula.contains("<mfrac>") && formula.contains("</math>"), "{formula}");
    let display = html("$$\nx^2\n$$\n");
    assert!(display.contains("display=\"block\""), "{display}");
    becomes("$\\frac{a}$", "<p><code>\\frac{a}</code></p>");
}

#[test]
fn headings_stand_below_that_of_the_page_and_skip_no_level() {
    becomes("# One\n## Two\n", "<h2>One</h2>\n<h3>Two</h3>");
    becomes("## One\n### Two\n", "<h2>One</h2>\n<h3>Two</h3>");
    becomes("## One\n## Two\n", "<h2>One</h2>\n<h2>Two</h2>");
    becomes(
        "# One\n#### Deep\n###### Deeper\n# Up\n",
        "<h2>One</h2>\n<h3>Deep</h3>\n<h4>Deeper</h4>\n<h2>Up</h2>",
    );
    becomes("### One\n# Top\n", "<h2>One</h2>\n<h2>Top</h2>");
}

#[test]
fn the_corner_of_a_table_heads_nothing() {
    let table = html("| | a |\n| - | :-: |\n| x | y |\n");
    assert!(table.contains("<td></td><th class=\"centered\">a</th>"), "{table}");
}

#[test]
fn callouts_footnotes_and_tasks_are_what_they_are_elsewhere() {
    let callout = html("> [!WARNING]\n> Hot.\n");
    assert!(callout.contains("class=\"markdown-alert-warning\""), "{callout}");
    let note = html("Text[^why].\n\n[^why]: Because.\n");
    assert!(note.contains("href=\"#note-1\"") && note.contains("id=\"note-1\""), "{note}");
    let tasks = html("- [x] done\n- [ ] open\n");
    assert!(tasks.contains("type=\"checkbox\"") && tasks.contains("checked"), "{tasks}");
}

#[test]
fn plain_elements_stay_and_components_show_as_their_source() {
    becomes("Press <kbd>Q</kbd>.", "<p>Press <kbd>Q</kbd>.</p>");
    becomes("A <Chip>x</Chip>.", "<p>A <code>&lt;Chip&gt;</code>x<code>&lt;/Chip&gt;</code>.</p>");
    becomes(
        "<Tabs>\n<Tab name=\"a\" />\n</Tabs>\n",
        "<pre tabindex=\"0\"><code>&lt;Tabs&gt;\n&lt;Tab name=\"a\" /&gt;\n&lt;/Tabs&gt;\n</code></pre>",
    );
    becomes("a\n\n<!-- nobody sees this -->\n\nb\n", "<p>a</p>\n\n<p>b</p>");
}

#[test]
fn pictures_of_other_hosts_are_links() {
    becomes("![A cat](/pictures/cat.png)", "<p><img src=\"/pictures/cat.png\" alt=\"A cat\"></p>");
    becomes(
        "![A cat](https://example.org/cat.png)",
        "<p><a href=\"https://example.org/cat.png\" rel=\"nofollow noopener noreferrer\">A cat</a></p>",
    );
}

#[test]
fn an_unclosed_element_takes_nothing_along() {
    becomes("<details>\n\nText\n", "<details>\n<p>Text</p>\n</details>");
}

#[test]
fn the_longest_text_of_a_lesson_takes_no_time_to_speak_of_and_does_not_grow_out_of_hand() {
    for piece in ["`", "[", "![", "<a ", "*_", "> ", "- ", "$", "|", "[^a]", "&", "<b>", "\\("] {
        let text = piece.repeat(64 * 1024 / piece.len());
        let html = html(&text);
        assert!(html.len() < 64 * text.len(), "{piece:?} makes {} bytes", html.len());
    }
}

#[test]
fn a_short_text_does_not_become_an_endless_one() {
    let macros = format!("$\\def\\a#1{{{}}}\\a{{{}}}$", "#1".repeat(900), "x".repeat(900));
    let bold: String = (0..4_000).map(|n| format!("<b a{n}>")).collect();
    let reopened = format!("<div>\n{bold}x{}\n</div>", "<p>x".repeat(4_000));
    let tagged = format!("{bold}\n\n{}", "<p>x</p>\n\n".repeat(4_000));
    for text in [macros, reopened, tagged] {
        let html = html(&text);
        assert!(html.len() < 64 * text.len(), "{} bytes make {}", text.len(), html.len());
    }
}

#[test]
fn what_an_author_opens_ends_where_what_it_stands_in_ends() {
    becomes("a <b>b\n\nc\n", "<p>a <b>b</b></p>\n<p>c</p>");
    becomes("- <b>a\n  - b\n", "<ul>\n<li><b>a</b>\n<ul>\n<li>b</li>\n</ul>\n</li>\n</ul>");
    becomes("**a <i>b**</i>\n", "<p><strong>a <i>b</i></strong><code>&lt;/i&gt;</code></p>");
    becomes(
        "a </b> <em>b <b>c</em></b>\n",
        "<p>a <code>&lt;/b&gt;</code> <em>b <b>c<code>&lt;/em&gt;</code></b></em></p>",
    );
}

#[test]
fn markup_may_stand_around_markdown() {
    becomes(
        "<details>\n<summary>More</summary>\n\n*a*\n\n</details>\n\nb\n",
        "<details>\n<summary>More</summary>\n<p><em>a</em></p>\n</details>\n<p>b</p>",
    );
    becomes("- <div>\n\n  a\n\n  </div>\n", "<ul>\n<li><div>\n<p>a</p>\n</div>\n</li>\n</ul>");
    becomes("<ul><li>a<li>b</ul>\n", "<ul><li>a</li><li>b</li></ul>");
    becomes("<div id=\"note-a\">a</div>\n", "<div>a</div>");
    becomes("<p><i lang=\"la\">a<br>b</i></p>\n", "<p><i lang=\"la\">a<br>b</i></p>");
    becomes(
        "<div><b><p>a</p></b></div>\n",
        "<pre tabindex=\"0\"><code>&lt;div&gt;&lt;b&gt;&lt;p&gt;a&lt;/p&gt;&lt;/b&gt;&lt;/div&gt;\n</code></pre>",
    );
}
