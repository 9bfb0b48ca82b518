// The theme of the site: VitePress's own, whose search box says to screen readers what it is.
import theme from 'vitepress/theme-without-fonts';
import { onMounted } from 'vue';
import './style.css';

/** VitePress has a button around the whole box, and links that the Tab key reaches within options that arrows choose. */
function name(box) {
  box.setAttribute('role', 'dialog');
  box.setAttribute('aria-modal', 'true');
  for (const attribute of ['aria-expanded', 'aria-haspopup', 'aria-owns', 'aria-labelledby'])
    box.removeAttribute(attribute);
  box.setAttribute('aria-label', 'Search');
  for (const link of box.querySelectorAll('a.result')) {
    link.tabIndex = -1;
    link.removeAttribute('aria-label');
  }
}

export default {
  extends: theme,
  setup() {
    onMounted(() => {
      new MutationObserver(() => {
        const box = document.querySelector('.VPLocalSearchBox');
        if (box) name(box);
      }).observe(document.body, { childList: true, subtree: true });
    });
  },
};
