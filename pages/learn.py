"""The tasks of the lecture, or of a lecturer's own list: what is done, and a link to each."""

from __future__ import annotations

import streamlit as st

from core.lessons.kept import opened
from pages.parts.layout import heading, mistakes_shown, plain
from pages.parts.learn import own_list, progress
from pages.parts.learn.cards import cards

digest = st.query_params.get("list", "")
with mistakes_shown():
    tasks = opened(digest)
heading("Learn", plain(tasks.about or "") if not digest else "")
if digest:
    st.subheader(plain(tasks.title), anchor=False)
    st.markdown(plain(tasks.about or ""))
done = progress.done(digest)
with st.container(horizontal=True, vertical_alignment="center"):
    count = sum(task.id in done for task in tasks.tasks)
    st.progress(count / len(tasks.tasks), text=f"**{count} of {len(tasks.tasks)}** done, noted in this browser", width=360)
    if done:
        st.button("Start again", icon=":material/restart_alt:", on_click=progress.forget, args=(digest,))
cards(tasks, digest, done)
own_list.show(digest)
progress.keep(digest, tasks)
